import { report } from '@dynact/command-line';
import { createBench } from './program.ts';

try {
  await createBench().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
