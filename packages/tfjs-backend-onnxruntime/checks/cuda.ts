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
import { convolutionalNetwork, imageBatch } from './convolutional-network.ts';
import { TinyGpt } from './tiny-gpt.ts';

/*
 * pnpm test:cuda, on a machine with an NVIDIA GPU and what `dynact setup cuda` brings:
 * - a small GPT over 20 compiled steps beside the cpu, with all digits of float32: losses within 1e-5, every step from the fourth on
 *   a CUDA graph, the same bits a second time, and nothing that grows;
 * - a convolutional network of tf.layers over 20 steps within 1e-4;
 * - the facts of src/runtime/devices/cuda.ts, all;
 * - every case of test/support/fusion-cases.ts, computed, captured and replayed, within 1e-5.
 */

const steps = 20;
/** Variables that take turns have two graphs; each is warmed up, recorded, and replayed from then on. */
const warmUp = 6;

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

async function trainGpt(device: Device): Promise<Training> {
  const backend = await use(device);
  const model = new TinyGpt({ vocabulary: 256, width: 64, layers: 2, heads: 2, context: 32, batch: 4 });
  const compiled = compile((ids: tf.Tensor, next: tf.Tensor) => model.step(ids, next));
  const training = { losses: [] as number[], living: [] as number[] };
  for (let index = 0; index < steps; index++) {
    const batch = model.batch(index);
    const loss = compiled(...batch);
    training.losses.push((await loss.data())[0]!);
    tf.dispose([loss, batch]);
    training.living.push(tf.memory().numTensors + onnxRuntime().living.Value);
  }
  return { ...training, captured: backend.statistics.captured };
}

async function trainImages(device: Device): Promise<number[]> {
  await use(device);
  const model = convolutionalNetwork();
  const losses: number[] = [];
  for (let index = 0; index < steps; index++) {
    const batch = imageBatch(index);
    losses.push((await model.trainOnBatch(...batch)) as number);
    tf.dispose(batch);
  }
  return losses;
}

const worst = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, index) => Math.abs(value / b[index]! - 1)));

/** @returns what is wrong, one line each */
async function checkTraining(): Promise<string[]> {
  const expected = await trainGpt('cpu');
  const first = await trainGpt('cuda');
  const second = await trainGpt('cuda');
  const difference = worst(first.losses, expected.losses);
  const images = worst(await trainImages('cuda'), await trainImages('cpu'));
  const grows = Math.max(...first.living.slice(warmUp)) > first.living[warmUp]!;
  console.log(`small GPT: largest relative difference of the loss over ${steps} steps ${difference.toExponential(1)}`);
  console.log(
    `  ${first.captured} of ${steps} steps as CUDA graphs; the same bits twice: ${`${first.losses}` === `${second.losses}`}`,
  );
  console.log(`convolutional network: largest relative difference ${images.toExponential(1)}`);
  return [
    ...(difference <= 1e-5 ? [] : [`the losses of the small GPT differ by ${difference}`]),
    ...(images <= 1e-4 ? [] : [`the losses of the convolutional network differ by ${images}`]),
    ...(first.captured >= steps - warmUp ? [] : [`only ${first.captured} steps were CUDA graphs`]),
    ...(`${first.losses}` === `${second.losses}` ? [] : ['a second training has other bits']),
    ...(grows ? [`tensors grow: ${first.living}`] : []),
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
