#!/usr/bin/env node
import { outliveReaders, report } from '@dynact/command-line';
import { refuseOptionsOfNpm } from './npm-options.ts';
import { createProgram } from './program.ts';

outliveReaders();
try {
  const words = process.argv.slice(2);
  const program = await createProgram(words);
  refuseOptionsOfNpm(program);
  await program.parseAsync(words, { from: 'user' });
} catch (error) {
  process.exitCode = report(error);
}
