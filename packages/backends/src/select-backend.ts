import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { InputError } from '@dynact/files';
import type { Compile } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendConfig } from './config.ts';
import { type BackendName, type BackendProbe, probeBackends } from './probe.ts';
import { loadTensorflow, tensorflowPackage } from './tensorflow.ts';

const require = createRequire(import.meta.url);

/** A configuration, or what a program asks for. */
type BackendChoice = Omit<BackendConfig, 'tf32' | 'cudaGraphs'> & Partial<BackendConfig>;

/** The backend in use. */
export interface SelectedBackend {
  readonly name: BackendName;
  readonly device: string;
  readonly threads: number;
  readonly compile: Compile;
}

/** Which backend `auto` takes, and why. */
export function chooseBackend(probes: readonly BackendProbe[]): { name: BackendName; reason: string } {
  const chosen = probes.find(({ loads, trains }) => loads && trains) as BackendProbe;
  const better = probes.slice(0, probes.indexOf(chosen)).map(({ name, note }) => `${name} cannot be used (${note})`);
  const reason = better.length === 0 ? 'it is the fastest one' : `the fastest that loads; ${better.join('; ')}`;
  return { name: chosen.name, reason };
}

/**
 * Loads and activates the backend of a configuration.
 * @throws InputError when the one that is named does not load here or cannot do the work
 */
export async function selectBackend(config: BackendChoice, work: 'train' | 'infer'): Promise<SelectedBackend> {
  // Registers the gradients and tfjs's own backends. By `require`, because `import` reads all of its code for names of exports.
  require('@tensorflow/tfjs');
  // Switches off the advice to install tfjs-node, which `doctor` gives better.
  tf.enableProdMode();
  const name = config.name === 'auto' ? await automaticBackend() : config.name;
  if (config.device !== 'cpu' && name !== 'onnxruntime') {
    throw new InputError('configuration', `backend.device: ${config.device} needs backend onnxruntime, not ${name}`);
  }
  switch (name) {
    case 'onnxruntime':
      return selectOnnxRuntime(config);
    case 'tensorflow':
      return selectTensorflow(config);
    case 'wasm':
      if (work === 'train') {
        throw new InputError(
          'configuration',
          'backend.name: wasm cannot train (no gradient of an embedding); use onnxruntime or cpu',
        );
      }
      await import('@tensorflow/tfjs-backend-wasm');
      return activate('wasm');
    case 'cpu':
      return activate('cpu');
  }
}

/** As `chooseBackend`, without loading what will not be used. */
async function automaticBackend(): Promise<BackendName> {
  const tensorflow = tensorflowPackage();
  // Only a GPU is faster than onnxruntime.
  if (!('missing' in tensorflow) && tensorflow.name.endsWith('-gpu')) return chooseBackend(await probeBackends()).name;
  try {
    await import('@dynact/tfjs-backend-onnxruntime');
    return 'onnxruntime';
  } catch {
    return chooseBackend(await probeBackends()).name;
  }
}

async function selectOnnxRuntime({
  threads,
  device,
  tf32 = true,
  cudaGraphs = true,
}: BackendChoice): Promise<SelectedBackend> {
  const onnxRuntime = await import('@dynact/tfjs-backend-onnxruntime');
  const { compile, registerOnnxRuntimeBackend } = onnxRuntime;
  const count = threads ?? availableParallelism();
  try {
    registerOnnxRuntimeBackend({ threads: count, device, tf32, cudaGraphs });
    await activate('onnxruntime');
  } catch (error) {
    // That package stands alone, and has an error of its own.
    if (error instanceof onnxRuntime.InputError) throw new InputError('device', error.message, { cause: error });
    throw error;
  }
  return { name: 'onnxruntime', device, threads: count, compile };
}

async function selectTensorflow({ threads }: BackendChoice): Promise<SelectedBackend> {
  const found = tensorflowPackage();
  if ('missing' in found) throw new InputError('device', `backend.name: tensorflow cannot be used: ${found.missing}`);
  try {
    await loadTensorflow(found, threads);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new InputError('device', `backend.name: the addon of ${found.name} does not work: ${reason}`);
  }
  return activate('tensorflow', threads ?? availableParallelism());
}

async function activate(name: BackendName, threads = 1): Promise<SelectedBackend> {
  if (!(await tf.setBackend(name)))
    throw new InputError(
      'device',
      `backend.name: ${name} could not be started; the command \`doctor\` says what loads here`,
    );
  await tf.ready();
  return { name, device: 'cpu', threads, compile: (fn) => fn };
}
