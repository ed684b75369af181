import { report } from '../command-line/exit.ts';
import { createBench } from './program.ts';

try {
  await createBench().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
