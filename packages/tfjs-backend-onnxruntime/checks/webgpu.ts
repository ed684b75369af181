import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type BackendOptions, InputError, type OnnxRuntimeBackend, registerOnnxRuntimeBackend } from '../src/index.ts';
import { staysOnDevice } from '../src/runtime/devices/device.ts';
import { devices } from '../src/runtime/devices/index.ts';
import { onnxRuntime } from '../src/runtime/library.ts';
import { wrongFacts } from '../test/support/difference-probes.ts';
import { gpt, grows, images, steps } from './trainings.ts';
import { kernelCases } from './webgpu-kernels.ts';
import { largeCases } from './webgpu-large.ts';

/*
 * pnpm test:webgpu: on WebGPU as on the cpu, within 1e-4 relative,
 * - the losses of a small GPT over 20 compiled steps and of a convolutional network over 20 of tf.layers' own, with every
 *   variable that is large enough kept on the device, and neither tensors nor device memory growing from step to step;
 * - no operator of a training step on the cpu, as ONNX Runtime's own profile has it;
 * - tensors of 2^25 elements, the most that the software adapter binds at a time, and gradients of losses of 4096 x 8192 and
 *   8192 x 4096; that of 8192 x 8192, which a training step takes in blocks, is a check of @dynact/nn;
 * - the kernels for which ONNX Runtime's WebGPU operators are not enough; and the facts of src/runtime/devices/webgpu.ts, all.
 * Without a GPU it needs a software adapter: pnpm setup:system installs one on Debian.
 */

const tolerance = 1e-4;

interface Training {
  readonly losses: number[];
  readonly variables: readonly tf.Variable[];
  /** After every step. */
  readonly tensors: number[];
  readonly deviceTensors: number[];
}

async function use(device: 'cpu' | 'webgpu', options: BackendOptions = {}): Promise<OnnxRuntimeBackend> {
  registerOnnxRuntimeBackend({ device, ...options });
  await tf.setBackend('onnxruntime');
  return tf.engine().backend as OnnxRuntimeBackend;
}

async function train(make: typeof gpt): Promise<Training> {
  const { step, variables } = make();
  const training: Training = { losses: [], variables, tensors: [], deviceTensors: [] };
  for (let index = 0; index < steps; index++) {
    training.losses.push(await step(index));
    training.tensors.push(tf.memory().numTensors);
    training.deviceTensors.push(onnxRuntime().living.Value);
  }
  return training;
}

/** @returns what is wrong, one line each */
async function checkTraining(name: string, make: typeof gpt): Promise<string[]> {
  await use('cpu');
  const cpu = await train(make);
  const profileFolder = mkdtempSync(join(tmpdir(), 'webgpu-'));
  const backend = await use('webgpu', { profileFolder });
  const start = performance.now();
  const webgpu = await train(make);
  const milliseconds = (performance.now() - start) / steps;
  const differences = cpu.losses.map((loss, index) => Math.abs((webgpu.losses[index] as number) / loss - 1));
  const worst = Math.max(...differences);
  const large = webgpu.variables.filter(({ size }) => staysOnDevice(devices.webgpu, 'float32', [size]));
  const kept = large.filter((variable) => backend.location(variable) === 'device').length;
  const { fallbacks } = backend.statistics;
  const onCpu = backend.profile().filter(({ provider }) => provider !== 'webgpu');
  rmSync(profileFolder, { recursive: true });
  const elsewhere = onCpu.map(({ operator, calls }) => `${operator} (${calls})`);
  console.log(`${name}: losses on the cpu ${cpu.losses[0]?.toFixed(5)} to ${cpu.losses.at(-1)?.toFixed(5)}`);
  console.log(`  largest relative difference on webgpu over ${steps} steps: ${worst.toExponential(1)}`);
  console.log(`  ${kept} of ${large.length} large variables on the device; ${milliseconds.toFixed(0)} ms a step`);
  console.log(`  after it ${webgpu.tensors.at(-1)} tensors, ${webgpu.deviceTensors.at(-1)} on the device`);
  return [
    ...(worst <= tolerance ? [] : [`${name}: the losses differ by ${worst}`]),
    ...(kept === large.length ? [] : [`${name}: variables left the device`]),
    ...(elsewhere.length === 0 ? [] : [`${name}: the cpu computed ${elsewhere.join(', ')}`]),
    ...(Object.keys(fallbacks).length === 0 ? [] : [`${name}: tfjs-cpu computed ${Object.keys(fallbacks)}`]),
    ...(grows(webgpu.tensors) ? [`${name}: tensors grow: ${webgpu.tensors}`] : []),
    ...(grows(webgpu.deviceTensors) ? [`${name}: tensors on the device grow: ${webgpu.deviceTensors}`] : []),
  ];
}

/** Compares large tensors with the cpu. @returns what is wrong, one line each */
async function checkLarge(): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, tolerance, run] of largeCases) {
    const start = performance.now();
    const compute = () => tf.tidy(() => run().dataSync());
    await use('cpu');
    const expected = compute();
    await use('webgpu');
    const actual = compute();
    const wrong = expected.findIndex((value, at) => !(Math.abs((actual[at] as number) - value) <= tolerance));
    if (wrong >= 0) problems.push(`${name}: ${actual[wrong]} instead of ${expected[wrong]} at ${wrong}`);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`  ${name}: ${expected.length} elements, ${wrong < 0 ? 'right' : 'wrong'}, ${seconds} s`);
  }
  return problems;
}

/** Compares kernels with tfjs-cpu. @returns what is wrong, one line each */
async function checkKernels(): Promise<string[]> {
  const compute = () => kernelCases.map(([, run]) => tf.tidy(() => Array.from(run().dataSync())));
  await tf.setBackend('cpu');
  const expected = compute();
  const { statistics } = await use('webgpu');
  const actual = compute();
  const problems = kernelCases.flatMap(([name], index) => {
    const [wanted, given] = [expected[index], actual[index]] as [number[], number[]];
    const isClose = (value: number, at: number) =>
      Object.is(value, given[at]) || Math.abs((given[at] as number) - value) <= tolerance * (1 + Math.abs(value));
    const wrong = wanted.findIndex((value, at) => !isClose(value, at));
    return wrong < 0 ? [] : [`${name}: ${given[wrong]} instead of ${wanted[wrong]} at ${wrong}`];
  });
  const fallbacks = Object.keys(statistics.fallbacks);
  if (fallbacks.length > 0) problems.push(`tfjs-cpu computed ${fallbacks}`);
  console.log(`${kernelCases.length} calls of kernels with a form of their own for webgpu: ${problems.length} wrong`);
  return problems;
}

try {
  await use('webgpu');
  const problems = [
    ...wrongFacts(devices.webgpu),
    ...(await checkTraining('GPT', gpt)),
    ...(await checkTraining('convolutional network', images)),
    ...(await checkKernels()),
    ...(await checkLarge()),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
