import {
  engine,
  findBackendFactory,
  getBackend,
  registerBackend,
  removeBackend,
  setBackend,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { OnnxRuntimeBackend } from './backend.ts';
import { registerKernels } from './kernels/index.ts';
import { type BackendOptions, resolveOptions } from './options.ts';
import { makeProfileFolder } from './profile.ts';
import { assertDevice } from './runtime/device.ts';
import { deviceOf } from './runtime/devices/index.ts';
import { onnxRuntime } from './runtime/library.ts';

/** The name for `tf.setBackend`. */
export const backendName = 'onnxruntime';

// Above tfjs' own backends for Node (tensorflow 3, wasm 2, cpu 1): whoever imports this package wants it.
const priority = 4;
let kernelsRegistered = false;

/**
 * Registers the backend under the name 'onnxruntime'. Importing the package does it with the defaults; call it again
 * for other options. Tensors made before stay usable: tfjs moves them when they are used next.
 * Throws an InputError for options that do not exist, and for a device or a folder that does not work here.
 */
export function registerOnnxRuntimeBackend(options: BackendOptions = {}): void {
  const resolved = resolveOptions(options);
  onnxRuntime(resolved.library);
  assertDevice(deviceOf(resolved));
  // tfjs only warns about a backend that cannot be made when it is wanted: what is wrong is said here.
  if (resolved.profileFolder) makeProfileFolder(resolved.profileFolder);
  if (!kernelsRegistered) registerKernels(backendName);
  kernelsRegistered = true;
  const active = engine().backendName === backendName && getBackend() === backendName;
  if (findBackendFactory(backendName)) removeBackend(backendName);
  registerBackend(backendName, () => new OnnxRuntimeBackend(resolved), priority);
  if (active) void setBackend(backendName);
}
