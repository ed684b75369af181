import '@tensorflow/tfjs';
import { measureEngine, type TfjsEngine } from './measure.ts';
import type { Workload } from './models.ts';

// One run of the engine benchmark, in a process of its own: its figures are the last line of stdout.
const [engine, workload, threads] = JSON.parse(process.argv[2]!) as [TfjsEngine, Workload, number];
try {
  console.log(JSON.stringify(await measureEngine(engine, workload, threads)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
