import * as tf from '@tensorflow/tfjs';
import { compile } from '../src/index.ts';
import { TinyGpt } from './tiny-gpt.ts';

/*
 * pnpm test:responsive: during one training step of 13.8 million parameters (vocabulary 8192, width 384, 6 layers, 4 heads,
 * context 256, batch 8) a timer of 10 ms must go off at least 20 times.
 */

const interval = 10;
const wanted = 20;

await tf.setBackend('onnxruntime');
const model = new TinyGpt({ vocabulary: 8192, width: 384, layers: 6, heads: 4, context: 256, batch: 8 });
const step = compile((ids: tf.Tensor, next: tf.Tensor) => model.step(ids, next));
const parameters = model.variables.reduce((sum, { size }) => sum + size, 0);
let ticks = 0;
setInterval(() => ticks++, interval).unref();
// The optimizer makes its variables in the first step, and the second is recorded.
for (let index = 0; index < 3; index++) {
  const batch = model.batch(index);
  ticks = 0;
  const start = performance.now();
  const loss = step(...batch);
  const [value] = await loss.data();
  const milliseconds = performance.now() - start;
  tf.dispose([loss, batch]);
  console.log(
    `step ${index + 1} of ${(parameters / 1e6).toFixed(1)} M: loss ${value?.toFixed(4)}, ` +
      `${milliseconds.toFixed(0)} ms, ${ticks} ticks of ${interval} ms`,
  );
}
if (ticks < wanted) {
  console.error(`${ticks} ticks during the last step; at least ${wanted} are wanted`);
  process.exitCode = 1;
}
