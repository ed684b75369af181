import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Pointer } from '../runtime/api.ts';
import { OnnxRuntimeError, onnxRuntime } from '../runtime/library.ts';
import { loadKoffi } from '../runtime/native-files.cjs';
import { cudaVersion } from './wheels.ts';

/** An argument of CUDA's functions: an address, a number, text, elements, or where an address is written. */
export type CudaArgument = Pointer | number | string | ArrayBufferView | readonly string[] | (Pointer | null)[] | null;

type Library = 'cudart' | 'nvrtc' | 'driver';

const files: Readonly<Record<Library, string>> = {
  cudart: `libcudart.so.${cudaVersion}`,
  nvrtc: `libnvrtc.so.${cudaVersion}`,
  // NVIDIA's driver brings it.
  driver: 'libcuda.so.1',
};

/** Functions that return an error code, with the library that has them and their C parameters. */
const functions = {
  cudaSetDevice: ['cudart', 'int device'],
  cudaMalloc: ['cudart', '_Out_ void **memory, size_t bytes'],
  cudaFree: ['cudart', 'void *memory'],
  cudaHostAlloc: ['cudart', '_Out_ void **memory, size_t bytes, unsigned int flags'],
  cudaFreeHost: ['cudart', 'void *memory'],
  cudaMemcpyAsync: ['cudart', 'void *to, const void *from, size_t bytes, int kind, void *stream'],
  cudaStreamCreateWithFlags: ['cudart', '_Out_ void **stream, unsigned int flags'],
  cudaStreamSynchronize: ['cudart', 'void *stream'],
  cudaStreamQuery: ['cudart', 'void *stream'],
  cudaStreamBeginCapture: ['cudart', 'void *stream, int mode'],
  cudaStreamEndCapture: ['cudart', 'void *stream, _Out_ void **graph'],
  cudaGraphInstantiate: ['cudart', '_Out_ void **executable, void *graph, unsigned long long flags'],
  cudaGraphLaunch: ['cudart', 'void *executable, void *stream'],
  cudaGraphDestroy: ['cudart', 'void *graph'],
  cudaGraphExecDestroy: ['cudart', 'void *executable'],
  nvrtcCreateProgram: ['nvrtc', '_Out_ void **program, const char *source, const char *name, int, void *, void *'],
  nvrtcCompileProgram: ['nvrtc', 'void *program, int count, const char **options'],
  nvrtcGetProgramLogSize: ['nvrtc', 'void *program, void *size'],
  nvrtcGetProgramLog: ['nvrtc', 'void *program, void *log'],
  nvrtcGetCUBINSize: ['nvrtc', 'void *program, void *size'],
  nvrtcGetCUBIN: ['nvrtc', 'void *program, void *code'],
  nvrtcDestroyProgram: ['nvrtc', 'void *program'],
  cuModuleLoadData: ['driver', '_Out_ void **module, const void *image'],
  cuModuleGetFunction: ['driver', '_Out_ void **function, void *module, const char *name'],
  cuLaunchKernel: [
    'driver',
    'void *function, unsigned int, unsigned int, unsigned int, unsigned int, unsigned int, unsigned int, unsigned int, ' +
      'void *stream, void *parameters, void *extra',
  ],
} as const satisfies Record<string, readonly [Library, string]>;

type Name = keyof typeof functions;

const libraries = new Map<Library, ReturnType<ReturnType<typeof loadKoffi>['load']>>();
const loaded = new Map<Name, (...values: CudaArgument[]) => number>();

function library(name: Library) {
  let found = libraries.get(name);
  if (!found) {
    const folder = dirname(onnxRuntime().file);
    const own = join(folder, files[name]);
    // The compiler asks the system for its other half, which finds what is loaded already.
    const others = name === 'nvrtc' ? readdirSync(folder).filter((file) => /^libnvrtc-builtins\.so\./.test(file)) : [];
    for (const file of others) loadKoffi().load(join(folder, file));
    found = loadKoffi().load(existsSync(own) ? own : files[name]);
    libraries.set(name, found);
  }
  return found;
}

/** Calls a function of CUDA. @returns its error code, 0 for success */
export function cudaCode(name: Name, ...values: CudaArgument[]): number {
  let native = loaded.get(name);
  if (!native) {
    const [from, parameters] = functions[name];
    native = library(from).func(`int ${name}(${parameters})`) as (...values: CudaArgument[]) => number;
    loaded.set(name, native);
  }
  return native(...values);
}

/** Calls a function of CUDA. Throws an OnnxRuntimeError that names it and the code. */
export function cuda(name: Name, ...values: CudaArgument[]): void {
  const code = cudaCode(name, ...values);
  if (code !== 0) throw new OnnxRuntimeError('EP_FAIL', `${name}: ${describe(name, code)}`);
}

/** Calls a function of CUDA whose parameter `place` is where it writes an address. */
export function cudaResult(name: Name, place: number, ...values: CudaArgument[]): Pointer {
  const out: (Pointer | null)[] = [null];
  cuda(name, ...values.slice(0, place), out, ...values.slice(place));
  return out[0]!;
}

function describe(name: Name, code: number): string {
  const kind = functions[name][0];
  if (kind === 'driver') return `CUDA's driver has error ${code}`;
  const text = kind === 'nvrtc' ? 'const char *nvrtcGetErrorString(int)' : 'const char *cudaGetErrorString(int)';
  return `${library(kind).func(text)(code)} (${code})`;
}
