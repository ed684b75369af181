import { setTimeout } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../src/index.ts';

/*
 * pnpm test:slow: ten thousand training steps of a tiny model, compiled and as they are. Live tensors must stay constant,
 * and resident memory at the end within 3 % of what it was once the loop had settled: after a thousand compiled steps.
 * The command fixes the size of V8's young generation, which otherwise grows and shrinks by 40 MB with the garbage of the
 * moment. Tracing every step makes more of it: there V8's heap settles in the first thousands of steps.
 */

const steps = 10_000;
const allowedGrowth = 0.03;

await tf.setBackend('onnxruntime');
let failures = 0;
for (const [name, settled, wrap] of [
  ['compiled', 1_000, (f: Step) => compile(f)],
  ['as it is', 5_000, (f: Step) => f],
] as const) {
  failures += (await run(name, settled, wrap)) ? 0 : 1;
}
process.exitCode = failures > 0 ? 1 : 0;

type Step = (x: tf.Tensor, y: tf.Tensor, rate: tf.Tensor) => tf.Tensor;

async function run(name: string, settled: number, wrap: (step: Step) => Step): Promise<boolean> {
  const weights = tf.variable(tf.randomNormal([16, 16], 0, 0.1, 'float32', 1));
  const momentum = tf.variable(tf.zeros([16, 16]));
  const step = wrap((x, y, rate) =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => tf.mean(tf.squaredDifference(tf.tanh(tf.matMul(x, weights)), y)) as tf.Scalar,
        [weights],
      );
      momentum.assign(tf.add(tf.mul(momentum, 0.9), grads[weights.name] as tf.Tensor));
      weights.assign(tf.sub(weights, tf.mul(momentum, rate)));
      return value;
    }),
  );
  let tensors = 0;
  let resident = 0;
  for (let index = 0; index < steps; index++) {
    const inputs = [tf.randomNormal([8, 16]), tf.randomNormal([8, 16]), tf.scalar(0.1 / (1 + index))] as const;
    const loss = step(...inputs);
    // Every tenth loss is read: a loop that hardly reads must not grow either.
    if (index % 10 === 0) loss.dataSync();
    tf.dispose([loss, ...inputs]);
    if (index === settled) {
      tensors = tf.memory().numTensors;
      resident = await residentMegabytes();
    }
  }
  const growth = (await residentMegabytes()) / resident - 1;
  const leaked = tf.memory().numTensors - tensors;
  tf.dispose([weights, momentum]);
  console.log(
    `${name}: ${steps} steps, ${leaked} tensors more than after ${settled}, ` +
      `${resident.toFixed(0)} MB then, ${(growth * 100).toFixed(1)} % more at the end`,
  );
  return leaked === 0 && growth <= allowedGrowth;
}

/** After collections: what the collector has not looked at yet, or sweeps in another thread, is not a leak. */
async function residentMegabytes(): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < 8; round++) {
    globalThis.gc?.();
    await setTimeout(50);
    samples.push(process.memoryUsage.rss() / 1e6);
  }
  return Math.min(...samples);
}
