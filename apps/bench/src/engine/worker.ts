import '@tensorflow/tfjs';
import { measureEngine, type TfjsEngine } from './measure.ts';
import type { Place, Workload } from './models.ts';

// One run of the engine benchmark, in a process of its own: its figures are the last line of stdout.
const [engine, workload, threads, place] = JSON.parse(process.argv[2]!) as [TfjsEngine, Workload, number, Place];
try {
  console.log(JSON.stringify(await measureEngine(engine, workload, threads, place)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
