#!/usr/bin/env node
import { outliveReaders, report } from '@dynact/command-line';
import { refuseOptionsOfNpm } from './npm-options.ts';
import { createProgram } from './program.ts';

outliveReaders();
try {
  const program = createProgram();
  refuseOptionsOfNpm(program);
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
