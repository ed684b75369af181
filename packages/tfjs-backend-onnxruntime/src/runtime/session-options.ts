import type { Pointer } from './api.ts';
import type { CustomOperator } from './custom-operators.ts';
import type { Provider } from './devices/device.ts';
import type { OnnxRuntime } from './library.ts';

/** Options of a session. */
export interface SessionOptions {
  /** Execution providers before the cpu's; the first that has an operator takes it. */
  readonly providers?: readonly Provider[];
  /** Whether runs shall be captured, as far as every operator is the providers'. */
  readonly captures?: boolean;
  /** Threads of one operator; by default ONNX Runtime's choice. */
  readonly threads?: number;
  /** ONNX Runtime's messages from this level on: 0 (verbose) to 4 (fatal). */
  readonly logLevel: number;
  /** Whether ONNX Runtime rewrites the graph. */
  readonly optimize?: boolean;
  /** Refuse a graph of which an operator would run on the cpu for want of a kernel. */
  readonly onlyProviders?: boolean;
  /** Whether freed memory is kept for the next run. */
  readonly arena?: boolean;
  /** Operators of the graph that are computed by us. */
  readonly operators?: readonly CustomOperator[];
  /** Path of the profile that is written, but for its end. */
  readonly profilePrefix?: string;
}

const [noOptimization, everyOptimization] = [0, 99];

/** Options as ONNX Runtime takes them; whoever asks releases them. */
export function nativeOptions(runtime: OnnxRuntime, options: SessionOptions): Pointer {
  const { providers = [], threads, logLevel, optimize = true, onlyProviders, arena = true, profilePrefix } = options;
  const native = runtime.create('SessionOptions', 'CreateSessionOptions');
  try {
    if (threads !== undefined) runtime.call('SetIntraOpNumThreads', native, threads);
    runtime.call('SetSessionLogSeverityLevel', native, logLevel);
    runtime.call('SetSessionGraphOptimizationLevel', native, optimize ? everyOptimization : noOptimization);
    if (!arena) runtime.call('DisableCpuMemArena', native);
    // A pattern is planned after the first run and gets memory of its own, beside what the arena already holds.
    runtime.call('DisableMemPattern', native);
    // Every session has threads of its own: those that kept spinning after a run would slow the next session threefold.
    runtime.call('AddSessionConfigEntry', native, 'session.force_spinning_stop', '1');
    if (onlyProviders) runtime.call('AddSessionConfigEntry', native, 'session.disable_cpu_ep_fallback', '1');
    if (profilePrefix !== undefined) runtime.call('EnableProfiling', native, profilePrefix);
    for (const provider of providers) appendProvider(runtime, native, provider);
    return native;
  } catch (error) {
    runtime.release('SessionOptions', native);
    throw error;
  }
}

function appendProvider(runtime: OnnxRuntime, options: Pointer, provider: Provider): void {
  const [keys, values] = [Object.keys(provider.options), Object.values(provider.options)];
  if (provider.name !== 'CUDA') {
    runtime.call('SessionOptionsAppendExecutionProvider', options, provider.name, keys, values, keys.length);
    return;
  }
  const cuda = runtime.create('CUDAProviderOptions', 'CreateCUDAProviderOptions');
  try {
    runtime.call('UpdateCUDAProviderOptions', cuda, keys, values, keys.length);
    const stream = provider.stream?.();
    if (stream) runtime.call('UpdateCUDAProviderOptionsWithValue', cuda, 'user_compute_stream', stream);
    runtime.call('SessionOptionsAppendExecutionProvider_CUDA_V2', options, cuda);
  } finally {
    runtime.release('CUDAProviderOptions', cuda);
  }
}
