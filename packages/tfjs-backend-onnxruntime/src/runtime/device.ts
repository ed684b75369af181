import { Tensor } from 'onnxruntime-common';
import { InputError } from '../errors.ts';
import { type ElementType, type NumericArray, type OrtTensor, sameShape } from '../graph/value.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { Device } from './devices/device.ts';
import { webgpu } from './devices/webgpu.ts';
import { messageOf, NativeSession, ortTensor, type SessionOptions } from './native.ts';
import { SessionCache } from './session-cache.ts';

/** Options that make a session run on a device. */
export function deviceOptions({ providers }: Device): Pick<SessionOptions, 'executionProviders'> {
  return providers.length === 0 ? {} : { executionProviders: providers };
}

/** Whether a result of this kind should stay where it was computed. */
export function staysOnDevice({ residentElements }: Device, type: ElementType, elements: number): boolean {
  return type === 'float32' && elements >= residentElements;
}

/** Makes sure that graphs run on a device. Throws an InputError that says what is missing. */
export function assertDevice(device: Device): void {
  if (device.providers.length === 0) return;
  try {
    identitySession('float32', [1], device).dispose();
  } catch (error) {
    const [reason] = messageOf(error).split('\n');
    throw new InputError(
      `onnxruntime backend: device "${device.name}" does not work here (${reason}); it needs ${device.needs}`,
    );
  }
}

const downloads = new SessionCache<NativeSession>(64);

/** The elements of a tensor. Those that lie on a device are copied from it. */
export function elementsOf(tensor: OrtTensor): NumericArray {
  if (tensor.location !== 'gpu-buffer') return tensor.data;
  const { type, dims } = tensor;
  const key = `${type}[${dims}]`;
  let session = downloads.find(key);
  if (!session) {
    // WebGPU alone leaves tensors on the device.
    session = identitySession(type, dims, webgpu);
    downloads.add(key, session);
  }
  // ONNX Runtime's own download of such a tensor ends the process: a session whose output lies in main memory copies it.
  return session.run({ x: tensor }, ['y']).y!.data;
}

/** A tensor's elements under a shape of the same size, without a copy. */
export function withShape(tensor: OrtTensor, shape: readonly number[]): OrtTensor {
  if (sameShape(tensor.dims, shape)) return tensor;
  if (tensor.location !== 'gpu-buffer') return ortTensor(tensor.type, tensor.data, shape);
  return Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: tensor.type, dims: shape });
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
