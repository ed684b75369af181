import * as tf from '@tensorflow/tfjs';
import {
  type BackendOptions,
  compile,
  InputError,
  type OnnxRuntimeBackend,
  registerOnnxRuntimeBackend,
} from '../src/index.ts';
import { deviceOf } from '../src/runtime/devices/index.ts';
import { onnxRuntime } from '../src/runtime/library.ts';
import { wrongFacts } from '../test/support/difference-probes.ts';
import { fusionCases } from '../test/support/fusion-cases.ts';
import { gpt, grows, images, steps, warmUp } from './trainings.ts';

/*
 * pnpm test:cuda, on a machine with an NVIDIA GPU and what `dynact setup cuda` brings:
 * - a small GPT over 20 compiled steps beside the cpu, with all digits of float32: losses within 1e-5, every step but
 *   for the first six a CUDA graph, the same bits a second time, and nothing that grows;
 * - a convolutional network of tf.layers over 20 steps within 1e-4;
 * - the facts of src/runtime/devices/cuda.ts, all;
 * - every case of test/support/fusion-cases.ts, computed, captured and replayed, within 1e-5.
 */

/** Variables that take turns have two graphs; each is warmed up, recorded, and replayed from then on. */
const uncaptured = 6;

type Device = 'cpu' | 'cuda';

async function use(device: Device, options: BackendOptions = {}): Promise<OnnxRuntimeBackend> {
  registerOnnxRuntimeBackend({ device, tf32: false, ...options });
  await tf.setBackend('onnxruntime');
  return tf.engine().backend as OnnxRuntimeBackend;
}

interface Training {
  readonly losses: number[];
  readonly captured: number;
  /** Tensors, and native ones, after every step. */
  readonly living: number[];
}

async function train(device: Device, make: typeof gpt): Promise<Training> {
  const backend = await use(device);
  const { step } = make();
  const training = { losses: [] as number[], living: [] as number[] };
  for (let index = 0; index < steps; index++) {
    training.losses.push(await step(index));
    training.living.push(tf.memory().numTensors + onnxRuntime().living.Value);
  }
  return { ...training, captured: backend.statistics.captured };
}

const worst = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, index) => Math.abs(value / b[index]! - 1)));

/** @returns what is wrong, one line each */
async function checkTraining(): Promise<string[]> {
  const expected = await train('cpu', gpt);
  const first = await train('cuda', gpt);
  const second = await train('cuda', gpt);
  const difference = worst(first.losses, expected.losses);
  const ofImages = worst((await train('cuda', images)).losses, (await train('cpu', images)).losses);
  console.log(`small GPT: largest relative difference of the loss over ${steps} steps ${difference.toExponential(1)}`);
  console.log(
    `  ${first.captured} of ${steps} steps as CUDA graphs; the same bits twice: ${`${first.losses}` === `${second.losses}`}`,
  );
  console.log(`convolutional network: largest relative difference ${ofImages.toExponential(1)}`);
  return [
    ...(difference <= 1e-5 ? [] : [`the losses of the small GPT differ by ${difference}`]),
    ...(ofImages <= 1e-4 ? [] : [`the losses of the convolutional network differ by ${ofImages}`]),
    ...(first.captured >= steps - uncaptured ? [] : [`only ${first.captured} steps were CUDA graphs`]),
    ...(`${first.losses}` === `${second.losses}` ? [] : ['a second training has other bits']),
    ...(grows(first.living.slice(uncaptured - warmUp + 1)) ? [`tensors grow: ${first.living}`] : []),
  ];
}

/** @returns what is wrong, one line each */
async function checkKernels(): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, fn, inputs } of fusionCases) {
    await use('cpu');
    const given = inputs();
    const elements = (results: tf.Tensor | tf.Tensor[]) => [results].flat().flatMap((tensor) => [...tensor.dataSync()]);
    const expected = elements(fn(...(given as never[])));
    const backend = await use('cuda');
    const compiled = compile(fn);
    for (let run = 0; run < 5; run++) {
      const results = compiled(...(given as never[]));
      const actual = elements(results);
      tf.dispose(results);
      const isClose = (value: number, at: number) =>
        Object.is(value, actual[at]) || Math.abs(actual[at]! - value) <= 1e-5 * (1 + Math.abs(value));
      const wrong = expected.findIndex((value, at) => !isClose(value, at));
      if (wrong < 0) continue;
      problems.push(`${name}: ${actual[wrong]} instead of ${expected[wrong]} at ${wrong}, run ${run + 1}`);
      break;
    }
    if (backend.statistics.captured === 0) problems.push(`${name}: no run was captured`);
    tf.dispose(given);
  }
  console.log(`${fusionCases.length} cases of kernels of ours`);
  return problems;
}

try {
  await use('cuda');
  const facts = wrongFacts(deviceOf({ device: 'cuda', tf32: false }));
  const problems = [...facts, ...(await checkTraining()), ...(await checkKernels())];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
