import { InputError } from '../errors.ts';
import type { FusedKernel } from '../graph/fusion/kernel.ts';
import type { Pointer } from '../runtime/api.ts';
import type { CustomOperator } from '../runtime/custom-operators.ts';
import { onnxRuntime } from '../runtime/library.ts';
import { streamOf } from './capture.ts';
import { nvidiaGpus } from './gpus.ts';
import { kernelSource, launchOf } from './kernel-source.ts';
import { cuda, cudaCode, cudaResult } from './native.ts';

/** Functions of kernels by GPU and name. They stay loaded. */
const loaded = new Map<string, Pointer>();

/** Kernels of one GPU as operators of ONNX Runtime. */
export function cudaOperators(index: number): (kernels: readonly FusedKernel[]) => CustomOperator[] {
  const keyOf = ({ name }: FusedKernel) => `${index} ${name}`;
  return (kernels) => {
    const fresh = kernels.filter((kernel) => !loaded.has(keyOf(kernel)));
    if (fresh.length > 0) {
      const image = compileSource(kernelSource(fresh), architectureOf(index));
      // A module is loaded for the GPU that is current.
      cuda('cudaSetDevice', index);
      const module = cudaResult('cuModuleLoadData', 0, image);
      for (const kernel of fresh) {
        loaded.set(keyOf(kernel), cudaResult('cuModuleGetFunction', 0, module, kernel.name));
      }
    }
    return kernels.map((kernel) => operatorOf(kernel, loaded.get(keyOf(kernel))!, index));
  };
}

/** Architecture of each GPU as the driver writes it; the driver's program is asked once. */
let architectures: readonly string[] | undefined;

function architectureOf(index: number): string {
  if (!architectures) {
    const gpus = nvidiaGpus();
    if (typeof gpus === 'string') throw new InputError(`onnxruntime backend: ${gpus}`);
    architectures = gpus.map(({ architecture }) => architecture);
  }
  return architectures[index]!;
}

/** Machine code for an architecture, 9.0. Needs no GPU. Throws an Error with what the compiler says. */
export function compileSource(source: string, architecture: string): Uint8Array {
  const program = cudaResult('nvrtcCreateProgram', 0, source, 'fused.cu', 0, null, null);
  try {
    const options = [`--gpu-architecture=sm_${architecture.replace('.', '')}`];
    const code = cudaCode('nvrtcCompileProgram', program, options.length, options);
    if (code !== 0) throw new Error(`the compiler of CUDA refuses a kernel: ${logOf(program)}`);
    const size = new BigUint64Array(1);
    cuda('nvrtcGetCUBINSize', program, size);
    const image = new Uint8Array(Number(size[0]));
    cuda('nvrtcGetCUBIN', program, image);
    return image;
  } finally {
    const holder = BigUint64Array.of(program);
    cudaCode('nvrtcDestroyProgram', holder);
  }
}

function logOf(program: Pointer): string {
  const size = new BigUint64Array(1);
  cuda('nvrtcGetProgramLogSize', program, size);
  const log = new Uint8Array(Number(size[0]));
  cuda('nvrtcGetProgramLog', program, log);
  return Buffer.from(log).toString().replace(/\0.*$/s, '').trim();
}

function operatorOf(kernel: FusedKernel, kernelFunction: Pointer, index: number): CustomOperator {
  const { blocks, threads } = launchOf(kernel);
  return {
    name: kernel.name,
    place: `cuda:${index}`,
    provider: 'CUDAExecutionProvider',
    inputs: kernel.inputs,
    outputs: kernel.outputs,
    compute(inputs, outputs) {
      const values = BigUint64Array.from([...inputs, ...outputs]);
      const first = onnxRuntime().addressOf(values);
      const places = values.map((_, place) => first + BigInt(place * BigUint64Array.BYTES_PER_ELEMENT));
      cuda('cuLaunchKernel', kernelFunction, blocks, 1, 1, threads, 1, 1, 0, streamOf(index), places, null);
    },
  };
}
