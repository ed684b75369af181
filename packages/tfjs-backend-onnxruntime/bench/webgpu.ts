import * as tf from '@tensorflow/tfjs';
import { compile, InputError, type OnnxRuntimeBackend, registerOnnxRuntimeBackend } from '../src/index.ts';
import { TinyGpt } from './tiny-gpt.ts';

/*
 * pnpm test:webgpu: the losses of a small GPT over 20 compiled steps on WebGPU and on the cpu, within 1e-4 relative, with
 * the variables kept on the device. Without a GPU it needs a software adapter: pnpm setup:system installs one on Debian.
 */

const steps = 20;
const tolerance = 1e-4;

async function losses(device: 'cpu' | 'webgpu'): Promise<{ losses: number[]; onDevice: number; variables: number }> {
  registerOnnxRuntimeBackend({ device });
  await tf.setBackend('onnxruntime');
  const backend = tf.engine().backend as OnnxRuntimeBackend;
  const model = new TinyGpt({ vocabulary: 256, width: 64, layers: 2, heads: 2, context: 32, batch: 4 });
  const step = compile((ids: tf.Tensor, next: tf.Tensor) => model.step(ids, next));
  const seen: number[] = [];
  for (let index = 0; index < steps; index++) {
    const batch = model.batch(index);
    const loss = step(...batch);
    seen.push((await loss.data())[0] as number);
    tf.dispose([loss, batch]);
  }
  const { variables } = model;
  const onDevice = variables.filter((variable) => backend.location(variable) === 'gpu-buffer').length;
  return { losses: seen, onDevice, variables: variables.length };
}

try {
  const cpu = await losses('cpu');
  const start = performance.now();
  const webgpu = await losses('webgpu');
  const milliseconds = (performance.now() - start) / steps;
  const differences = cpu.losses.map((loss, index) => Math.abs((webgpu.losses[index] as number) / loss - 1));
  const worst = Math.max(...differences);
  console.log(`losses on the cpu ${cpu.losses[0]?.toFixed(5)} to ${cpu.losses.at(-1)?.toFixed(5)}`);
  console.log(`largest relative difference on webgpu over ${steps} steps: ${worst.toExponential(1)}`);
  console.log(
    `${webgpu.onDevice} of ${webgpu.variables} variables on the device; ${milliseconds.toFixed(0)} ms a step`,
  );
  if (!(worst <= tolerance) || webgpu.onDevice !== webgpu.variables) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
