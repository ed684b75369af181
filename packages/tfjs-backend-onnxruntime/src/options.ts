import { availableParallelism } from 'node:os';
import { InputError } from './errors.ts';
import type { Device as DeviceFacts } from './runtime/devices/device.ts';
import { deviceOf, devices } from './runtime/devices/index.ts';

export type Device = DeviceFacts['name'] | `cuda:${string}`;
export type LogLevel = keyof typeof logLevels;

/** Options of `registerOnnxRuntimeBackend`. */
export interface BackendOptions {
  /** Threads of one operator. Default: the cores this process may use. One more than that doubles the time. */
  threads?: number;
  /** Device that graphs run on; cuda:1 is the second of several GPUs. Default: cpu. */
  device?: Device;
  /** Whether cuda rounds what it multiplies to TF32, 10 bits of mantissa, which is several times as fast. Default: true. */
  tf32?: boolean;
  /** Whether cuda compiles kernels for compiled functions and replays them as CUDA graphs: fewer passes, and no time to launch operators. Default: true. */
  cudaGraphs?: boolean;
  /** Compiled graphs kept ready; the one used longest ago is released. Default: 64. */
  graphs?: number;
  /** Operators that may be pending before the backend computes what is alive without being asked. Default: 4096. */
  pendingOperators?: number;
  /** Record the caller of every kernel, so that an error names the line; list the calls that fell back. Default: false. */
  debug?: boolean;
  /** A folder for ONNX Runtime's profiles (Chrome trace files, one a graph). See `OnnxRuntimeBackend.profile`. */
  profileFolder?: string;
  /** ONNX Runtime's messages from this level on. Default: warning on the cpu, error on another device. */
  logging?: LogLevel;
  /** The file of another library of ONNX Runtime, which a process loads once. Default: the one that this package carries. */
  library?: string;
}

type Paths = 'profileFolder' | 'library';
export type ResolvedOptions = Required<Omit<BackendOptions, Paths>> & Pick<BackendOptions, Paths>;

const known: readonly (keyof BackendOptions)[] = [
  'threads',
  'device',
  'tf32',
  'cudaGraphs',
  'graphs',
  'pendingOperators',
  'debug',
  'profileFolder',
  'logging',
  'library',
];
/** More than any machine has cores: every graph starts its own. */
const mostThreads = 1024;
/** ONNX Runtime's number of each level. */
export const logLevels = { verbose: 0, info: 1, warning: 2, error: 3, fatal: 4 } as const;

/** Fills in the defaults. Throws an InputError for anything else than the documented options. */
export function resolveOptions(options: BackendOptions = {}): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (!known.some((option) => option === name)) {
      throw new InputError(`onnxruntime backend: unknown option "${name}"; the options are ${known.join(', ')}`);
    }
  }
  const device = options.device ?? 'cpu';
  if (!/^cuda:\d{1,3}$/.test(device)) assertOneOf('device', device, [...Object.keys(devices), 'cuda:1, cuda:2, ...']);
  assertBoolean('tf32', options.tf32);
  assertBoolean('cudaGraphs', options.cudaGraphs);
  const tf32 = options.tf32 ?? true;
  const logging = options.logging ?? deviceOf({ device, tf32 }).logging;
  assertOneOf('logging', logging, Object.keys(logLevels));
  const { profileFolder, library } = options;
  for (const [name, path] of Object.entries({ profileFolder, library })) {
    if (path === undefined || (typeof path === 'string' && path)) continue;
    throw new InputError(`onnxruntime backend: ${name} must be a path`);
  }
  assertBoolean('debug', options.debug);
  return {
    threads: positiveInteger('threads', options.threads ?? availableParallelism(), mostThreads),
    device,
    tf32,
    cudaGraphs: options.cudaGraphs ?? true,
    graphs: positiveInteger('graphs', options.graphs ?? 64),
    pendingOperators: positiveInteger('pendingOperators', options.pendingOperators ?? 4096),
    debug: options.debug ?? false,
    logging,
    ...(profileFolder === undefined ? {} : { profileFolder }),
    ...(library === undefined ? {} : { library }),
  };
}

function assertOneOf(name: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new InputError(`onnxruntime backend: ${name} is "${value}"; it must be one of ${choices.join(', ')}`);
}

function assertBoolean(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new InputError(`onnxruntime backend: ${name} must be true or false`);
}

function positiveInteger(name: string, value: number, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    const limit = most < Number.MAX_SAFE_INTEGER ? ` and at most ${most}` : '';
    throw new InputError(`onnxruntime backend: ${name} is ${value}; it must be a whole number of at least 1${limit}`);
  }
  return value;
}
