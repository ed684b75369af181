import { outliveReaders, report } from '@dynact/command-line';
import { createProgram } from './program.ts';

outliveReaders();
try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
