import { InputError } from '../errors.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { Pointer } from './api.ts';
import { DeviceBuffer } from './device-buffer.ts';
import { type Device, staysOnDevice } from './devices/device.ts';
import { messageOf, onnxRuntime } from './library.ts';
import { NativeSession } from './native.ts';
import { SessionCache } from './session-cache.ts';
import {
  type DeviceElements,
  type DeviceTensor,
  type ElementType,
  emptyTensor,
  hostTensor,
  type NumericArray,
  type OrtTensor,
  sameShape,
} from './tensor.ts';

/** Memory of a device: the session that its allocator comes from lives as long as the process. */
interface Memory {
  readonly session: NativeSession;
  readonly info: Pointer;
  readonly allocator: Pointer;
}

const memories = new Map<Device, Memory>();
const copying = new SessionCache<NativeSession>(64);
/** Elements in main memory that `resident` copied, as long as anybody else has them. */
const originals = new WeakMap<DeviceElements, WeakRef<NumericArray>>();

/** Makes sure that graphs run on a device. Throws an InputError that says what is missing. */
export function assertDevice(device: Device): void {
  if (device.providers.length === 0) return;
  device.prepare?.();
  try {
    identitySession('float32', [1], device).dispose();
  } catch (error) {
    const [line] = messageOf(error).split('\n');
    // Before it stands where in ONNX Runtime's sources a provider's library failed to load.
    const reason = line!.replace(/^.*\bwith error: /, '');
    throw new InputError(
      `onnxruntime backend: device "${device.name}" does not work here (${reason}); it needs ${device.needs}`,
    );
  }
}

/** A tensor for a result: on the device where it should stay there, else in main memory. Its elements are anything. */
export function allocate(device: Device, type: ElementType, dims: readonly number[]): OrtTensor {
  if (!staysOnDevice(device, type, dims)) return emptyTensor(type, dims);
  const { allocator, info } = memoryOf(device);
  const elements = new DeviceBuffer(allocator, info, type, dims, (tensor) => download(device, tensor));
  return { location: 'device', type, dims, elements };
}

/** ONNX Runtime's description of a device's memory. */
export function memoryInfo(device: Device): Pointer {
  return memoryOf(device).info;
}

/** The elements of a tensor. Those that lie on a device are copied from it. */
export function elementsOf(tensor: OrtTensor): NumericArray {
  return tensor.location === 'cpu' ? tensor.data : tensor.elements.read(tensor);
}

/** A tensor of which many runs read: a copy on the device, where it should stay there. */
export function resident(device: Device, tensor: OrtTensor): OrtTensor {
  const { type, dims, location } = tensor;
  if (location === 'device' || !staysOnDevice(device, type, dims)) return tensor;
  const copy = allocate(device, type, dims);
  copies(device, type, dims).prepare([tensor], [copy]).finish();
  if (copy.location === 'device') originals.set(copy.elements, new WeakRef(tensor.data));
  return copy;
}

/** Whether a tensor on a device is a copy by `resident`. @param data of these elements; of any where it is left out */
export function isResidentCopy({ elements }: DeviceTensor, data?: NumericArray): boolean {
  const original = originals.get(elements);
  return original !== undefined && (data === undefined || original.deref() === data);
}

function download(device: Device, tensor: DeviceTensor): NumericArray {
  const { type, dims } = tensor;
  const result = emptyTensor(type, dims);
  copies(device, type, dims).prepare([tensor], [result]).finish();
  return result.data;
}

/** A session that copies tensors of a type and a shape to a device and from it. */
function copies(device: Device, type: ElementType, dims: readonly number[]): NativeSession {
  const key = `${device.name}:${device.index} ${type}[${dims}]`;
  let session = copying.find(key);
  if (!session) {
    session = identitySession(type, dims, device);
    copying.add(key, session);
  }
  return session;
}

/** A tensor's elements under a shape of the same size, without a copy. */
export function withShape(tensor: OrtTensor, dims: readonly number[]): OrtTensor {
  if (sameShape(tensor.dims, dims)) return tensor;
  return tensor.location === 'cpu' ? hostTensor(tensor.type, tensor.data, dims) : { ...tensor, dims };
}

function memoryOf(device: Device): Memory {
  let memory = memories.get(device);
  if (!memory) {
    const runtime = onnxRuntime();
    const session = identitySession('float32', [1], device);
    const info = runtime.create('MemoryInfo', 'CreateMemoryInfo', device.memory, 0, device.index, 0);
    memory = { session, info, allocator: runtime.create('Allocator', 'CreateAllocator', session.pointer, info) };
    memories.set(device, memory);
  }
  return memory;
}

function identitySession(type: ElementType, shape: readonly number[], device: Device): NativeSession {
  const description = { type, shape };
  const model = encodeModel({
    nodes: [{ op: 'Identity', domain: '', attributes: {}, inputs: ['x'], outputs: ['y'], origin: undefined }],
    inputs: ['x'],
    outputs: ['y'],
    constants: new Map(),
    captured: new Map(),
    hidden: new Set(),
    tensors: new Map([
      ['x', description],
      ['y', description],
    ]),
  });
  return new NativeSession(model, ['x'], ['y'], { providers: device.providers, logLevel: 4 });
}
