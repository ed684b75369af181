import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Pointer } from '../runtime/api.ts';
import type { Transfer } from '../runtime/devices/device.ts';
import { OnnxRuntimeError, onnxRuntime } from '../runtime/library.ts';
import { loadKoffi } from '../runtime/native-files.cjs';
import { cudaVersion } from './wheels.ts';

/** enum cudaMemcpyKind. */
const [toDevice, toHost] = [1, 2];

/** cudaStreamLegacy: what copies without a stream use. */
const copyStream = null;

interface Functions {
  cudaSetDevice(index: number): number;
  cudaMemcpy(to: Pointer | Uint8Array, from: Pointer | Uint8Array, bytes: number, kind: number): number;
  cudaStreamSynchronize(stream: null): number;
  cudaGetErrorString(code: number): string;
}

let loaded: Functions | undefined;

/** CUDA's runtime library, which the provider has loaded. */
function functions(): Functions {
  if (!loaded) {
    const name = `libcudart.so.${cudaVersion}`;
    const own = join(dirname(onnxRuntime().file), name);
    const library = loadKoffi().load(existsSync(own) ? own : name);
    loaded = {
      cudaSetDevice: library.func('int cudaSetDevice(int)'),
      cudaMemcpy: library.func('int cudaMemcpy(void *, void *, size_t, int)'),
      cudaStreamSynchronize: library.func('int cudaStreamSynchronize(void *)'),
      cudaGetErrorString: library.func('const char *cudaGetErrorString(int)'),
    };
  }
  return loaded;
}

/** Copies to a GPU's memory and from it. They throw an OnnxRuntimeError that says why they cannot. */
export function cudaTransfer(index: number): Transfer {
  const copy = (to: Pointer | Uint8Array, from: Pointer | Uint8Array, bytes: number, kind: number): void => {
    const cuda = functions();
    check(cuda, cuda.cudaSetDevice(index));
    check(cuda, cuda.cudaMemcpy(to, from, bytes, kind));
    // From pageable memory it returns before everything has arrived, and ONNX Runtime's stream does not wait for this one.
    check(cuda, cuda.cudaStreamSynchronize(copyStream));
  };
  return {
    toDevice: (to, from) => copy(to, from, from.byteLength, toDevice),
    toHost: (to, from) => copy(to, from, to.byteLength, toHost),
  };
}

function check(cuda: Functions, code: number): void {
  if (code === 0) return;
  throw new OnnxRuntimeError('EP_FAIL', `CUDA: ${cuda.cudaGetErrorString(code)} (cudaError ${code})`);
}
