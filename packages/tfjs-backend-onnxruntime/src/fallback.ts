import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu.js';
import {
  type DataId,
  type DataType,
  engine,
  getKernel,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.ts';
import type { NumericArray } from './graph/value.ts';

/** Computes one kernel with tfjs-backend-cpu on materialized inputs. */
export function runOnCpu(
  kernelName: string,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap | undefined,
  backend: OnnxRuntimeBackend,
): TensorInfo | TensorInfo[] {
  const kernel = getKernel(kernelName, 'cpu');
  if (!kernel) throw new Error(`tfjs-backend-cpu has no kernel ${kernelName}`);
  const cpu = engine().findBackend('cpu') as MathBackendCPU;
  backend.countFallback(kernelName, Object.values(inputs));

  const given: TensorInfo[] = [];
  const toCpu = (tensor: TensorInfo): TensorInfo => {
    const { shape, dtype } = tensor;
    // Some kernels read the rank, which tensors have and TensorInfo does not declare.
    const description = { shape, dtype, rank: shape.length };
    const parts = backend.complexParts(tensor);
    let dataId: DataId;
    if (parts) {
      // A complex tensor of the cpu backend is a pair of tensors, as here.
      dataId = cpu.write(new Float32Array(0), shape, dtype);
      // A reshaped one has parts of its first shape.
      const partOf = (part: TensorInfo) => toCpu({ ...part, shape });
      cpu.data.get(dataId).complexTensorInfos = { real: partOf(parts.real), imag: partOf(parts.imag) };
    } else {
      dataId = cpu.write(backend.readSync(tensor.dataId), shape, dtype);
    }
    return { dataId, ...description };
  };
  // Kernels of a list of tensors get an array, the others an object with names.
  const cpuInputs = (Array.isArray(inputs) ? [] : {}) as NamedTensorInfoMap;
  for (const [name, tensor] of Object.entries(inputs)) {
    if (!tensor) continue;
    // RaggedGather has a list of tensors as one of its inputs.
    const copies = (Array.isArray(tensor) ? tensor : [tensor]).map(toCpu);
    given.push(...copies);
    Object.assign(cpuInputs, { [name]: Array.isArray(tensor) ? copies : copies[0] });
  }

  const results = kernel.kernelFunc({ inputs: cpuInputs, ...(attrs && { attrs }), backend: cpu });
  const fromCpu = (tensor: TensorInfo): TensorInfo => {
    const { shape, dtype } = tensor;
    const { complexTensorInfos } = cpu.data.get(tensor.dataId);
    if (complexTensorInfos) {
      return backend.complexTensor(fromCpu(complexTensorInfos.real), fromCpu(complexTensorInfos.imag));
    }
    const values = cpu.readSync(tensor.dataId);
    if (dtype === 'string') return { dataId: backend.write(values, shape, dtype), shape, dtype };
    return backend.tensor(backend.leaf(typed(values as NumericArray, dtype), shape), dtype);
  };
  const list = Array.isArray(results) ? results : [results];
  const converted = list.map(fromCpu);
  for (const tensor of [...given, ...list]) cpu.disposeData(tensor.dataId);
  return Array.isArray(results) ? converted : converted[0]!;
}

/** Some cpu kernels give plain arrays, or an array of another type than they declare. */
function typed(values: NumericArray | readonly number[], dtype: DataType): NumericArray {
  const wanted = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
  return values instanceof wanted ? values : new wanted(values as ArrayLike<number>);
}
