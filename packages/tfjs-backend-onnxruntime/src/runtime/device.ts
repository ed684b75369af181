import { InputError } from '../errors.ts';
import type { ElementType, NumericArray } from '../graph/value.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { Device } from '../options.ts';
import { NativeSession, OrtTensor, type SessionOptions } from './native.ts';
import { SessionCache } from './session-cache.ts';

/** Results of at least this many elements stay on a device that has memory of its own; a loss is wanted here anyway. */
const residentElements = 256;

const advice: Record<Exclude<Device, 'cpu'>, string> = {
  webgpu:
    'it needs a GPU with a Vulkan, Metal or Direct3D 12 driver (on Debian `pnpm setup:system` installs a software one)',
  cuda:
    "it needs an NVIDIA GPU, CUDA 12 with cuDNN 9, and ONNX Runtime's CUDA libraries, which " +
    '`npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12` downloads (Linux x64)',
};

/** What a session needs to run on a device; operators that the device lacks run on the cpu. */
export function deviceOptions(device: Device): Pick<SessionOptions, 'executionProviders'> {
  return device === 'cpu' ? {} : { executionProviders: [device, 'cpu'] };
}

/** Whether a result of this kind should stay where it was computed. */
export function staysOnDevice(device: Device, type: ElementType, elements: number): boolean {
  return device === 'webgpu' && type === 'float32' && elements >= residentElements;
}

/** Makes sure that graphs run on a device. Throws an InputError that says what is missing. */
export function assertDevice(device: Device): void {
  if (device === 'cpu') return;
  try {
    identitySession('float32', [1], device).dispose();
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    throw new InputError(`onnxruntime backend: device "${device}" does not work here (${reason}); ${advice[device]}`);
  }
}

const downloads = new SessionCache<NativeSession>(64);

/** The elements of a tensor. Those that lie on a device are copied from it. */
export function elementsOf(tensor: OrtTensor): NumericArray {
  if (tensor.location !== 'gpu-buffer') return tensor.data as NumericArray;
  const type = tensor.type as ElementType;
  const key = `${type}[${tensor.dims}]`;
  let session = downloads.find(key);
  if (!session) {
    session = identitySession(type, tensor.dims, 'webgpu');
    downloads.add(key, session);
  }
  // ONNX Runtime's own download of such a tensor ends the process: a session whose output lies in main memory copies it.
  return session.run({ x: tensor }, ['y']).y?.data as NumericArray;
}

/** The same elements under another shape of the same size, without a copy. */
export function withShape(tensor: OrtTensor, shape: readonly number[]): OrtTensor {
  if (tensor.location !== 'gpu-buffer') return new OrtTensor(tensor.type, tensor.data as never, shape);
  return OrtTensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: tensor.type as 'float32', dims: shape });
}

function identitySession(type: ElementType, shape: readonly number[], device: Device): NativeSession {
  const description = { type, shape };
  const model = encodeModel({
    nodes: [{ op: 'Identity', domain: '', attributes: {}, inputs: ['x'], outputs: ['y'], origin: undefined }],
    inputs: ['x'],
    outputs: ['y'],
    constants: new Map(),
    captured: new Map(),
    tensors: new Map([
      ['x', description],
      ['y', description],
    ]),
  });
  return new NativeSession(model, { ...deviceOptions(device), logSeverityLevel: 4 });
}
