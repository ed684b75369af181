import type { Pointer } from '../runtime/api.ts';
import type { CapturedGraph, GraphCapture, StagedMemory } from '../runtime/devices/device.ts';
import { OnnxRuntimeError } from '../runtime/library.ts';
import { loadKoffi } from '../runtime/native-files.cjs';
import { cuda, cudaCode, cudaResult } from './native.ts';

/** enum cudaMemcpyKind. */
const [toDevice, toHost] = [1, 2];
/** cudaStreamNonBlocking. */
const nonBlocking = 1;
/** cudaStreamCaptureModeThreadLocal: other threads may do what they like. */
const threadLocal = 1;
/** cudaErrorNotReady. */
const notReady = 600;

/** The stream of each GPU. Everything that ONNX Runtime computes there goes through it, in the order of calls. */
const streams = new Map<number, Pointer>();

/** The stream that all work on a GPU of this process goes through. */
export function streamOf(index: number): Pointer {
  cuda('cudaSetDevice', index);
  let stream = streams.get(index);
  if (stream === undefined) {
    stream = cudaResult('cudaStreamCreateWithFlags', 0, nonBlocking);
    streams.set(index, stream);
  }
  return stream;
}

/** CUDA graphs of one GPU. */
export function cudaCapture(index: number): GraphCapture {
  return {
    stage: (bytes) => stage(index, bytes),
    record: (run) => record(index, run),
    isDone() {
      const code = cudaCode('cudaStreamQuery', streamOf(index));
      // Any other code is an error, which waiting throws.
      return code !== notReady;
    },
    wait: () => cuda('cudaStreamSynchronize', streamOf(index)),
  };
}

/** Memory that the GPU reads and writes itself while JavaScript goes on: it does not move and is not swapped out. */
function stage(index: number, bytes: number): StagedMemory {
  const stream = streamOf(index);
  const host = cudaResult('cudaHostAlloc', 0, bytes, 0);
  let device: Pointer;
  try {
    device = cudaResult('cudaMalloc', 0, bytes);
  } catch (error) {
    cudaCode('cudaFreeHost', host);
    throw error;
  }
  return {
    address: device,
    bytes: new Uint8Array(loadKoffi().view(host, bytes)),
    upload: () => cuda('cudaMemcpyAsync', device, host, bytes, toDevice, stream),
    download: () => cuda('cudaMemcpyAsync', host, device, bytes, toHost, stream),
    free() {
      cudaCode('cudaFreeHost', host);
      cudaCode('cudaFree', device);
    },
  };
}

function record(index: number, run: () => void): CapturedGraph {
  const stream = streamOf(index);
  cuda('cudaStreamBeginCapture', stream, threadLocal);
  let failure: unknown;
  try {
    run();
  } catch (error) {
    failure = error;
  }
  // Also after a failure: else the stream would go on recording.
  const out: (Pointer | null)[] = [null];
  const code = cudaCode('cudaStreamEndCapture', stream, out);
  const [graph] = out;
  try {
    if (failure !== undefined) throw failure;
    if (code !== 0 || !graph) throw new OnnxRuntimeError('EP_FAIL', `cudaStreamEndCapture: error ${code}`);
    return executableOf(index, cudaResult('cudaGraphInstantiate', 0, graph, 0));
  } finally {
    if (graph) cudaCode('cudaGraphDestroy', graph);
  }
}

function executableOf(index: number, executable: Pointer): CapturedGraph {
  return {
    launch: () => cuda('cudaGraphLaunch', executable, streamOf(index)),
    release: () => void cudaCode('cudaGraphExecDestroy', executable),
  };
}
