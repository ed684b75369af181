import './telemetry.ts';

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cudaFolder, hasProvider } from '../cuda/folder.ts';
import { InputError } from '../errors.ts';
import { type Argument, apiSize, apiVersion, errorCodes, functions, type Pointer, releases } from './api.ts';
import { giveBackLargeBlocks } from './large-blocks.ts';
import { libraryFolder, loadKoffi } from './native-files.cjs';

type FunctionName = keyof typeof functions;
type Kind = keyof typeof releases;
type Native = (...values: Argument[]) => unknown;
type Koffi = ReturnType<typeof loadKoffi>;

/** A call that ONNX Runtime refused, with the name of its error code. */
export class OnnxRuntimeError extends Error {
  override name = 'OnnxRuntimeError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** ONNX Runtime's C API. Everything that it makes is counted until it is released. */
export class OnnxRuntime {
  readonly version: string;
  /** The library's file. */
  readonly file: string;
  /** Address of each function. */
  readonly addresses: Readonly<Record<FunctionName, Pointer>>;
  /** Native objects that are not released yet, by kind. */
  readonly living: Record<Kind, number>;
  readonly #functions: Readonly<Record<FunctionName, Native>>;
  readonly #releases: Readonly<Record<Kind, Native>>;
  readonly #errorCode: Native;
  readonly #errorMessage: Native;
  readonly #koffi: Koffi;
  readonly #viewed = new BigUint64Array(1);

  /** Throws an InputError that says what is missing. */
  constructor(file: string) {
    const koffi = orExplain(loadKoffi, `@koromix/koffi-${process.platform}-${process.arch} does not load`);
    const library = orExplain(() => koffi.load(file), `${file} does not load`);
    keepLoaded(koffi, file);
    giveBackLargeBlocks(koffi);
    const table = (address: Pointer, length: number): Pointer[] => koffi.decode(address, koffi.array('void *', length));
    let declared = 0;
    const native = (address: Pointer, parameters: string, result = 'void *'): Native =>
      koffi.decode(address, koffi.proto(`${result} onnxruntime_${++declared}(${parameters})`));
    const [getApi, getVersion] = table(library.func('void *OrtGetApiBase()')(), 2) as [Pointer, Pointer];
    this.file = file;
    this.version = native(getVersion, '', 'const char *')() as string;
    const struct = native(getApi, 'uint32_t version')(apiVersion) as Pointer | null;
    if (struct === null) throw new InputError(`onnxruntime backend: ${file} is ONNX Runtime ${this.version}: too old`);
    const places = table(struct, apiSize);
    this.addresses = mapValues(functions, ([place]) => places[place]!);
    this.#functions = mapValues(functions, ([place, parameters]) => native(places[place]!, parameters));
    this.#releases = mapValues(releases, (place) => native(places[place]!, 'void *object', 'void'));
    this.living = mapValues(releases, () => 0);
    this.#errorCode = native(places[1]!, 'void *status', 'int');
    this.#errorMessage = native(places[2]!, 'void *status', 'const char *');
    this.#koffi = koffi;
  }

  /** Calls a function. Throws an OnnxRuntimeError. */
  call(name: FunctionName, ...values: Argument[]): void {
    this.check(this.#functions[name](...values) as Pointer | null);
  }

  /** Throws the error of a status, and releases it; null is success. */
  check(status: Pointer | null): void {
    if (status === null) return;
    const code = this.#errorCode(status) as number;
    const message = this.#errorMessage(status) as string;
    this.#releases.Status(status);
    throw new OnnxRuntimeError(errorCodes[code] ?? String(code), message);
  }

  /** Calls a function whose last parameter is where it writes an address. */
  result(name: FunctionName, ...values: Argument[]): Pointer {
    const out: (Pointer | null)[] = [null];
    this.call(name, ...values, out);
    return out[0]!;
  }

  /** Makes something, which lives until it is released. */
  create(kind: Kind, name: FunctionName, ...values: Argument[]): Pointer {
    const made = this.result(name, ...values);
    this.living[kind]++;
    return made;
  }

  release(kind: Kind, object: Pointer): void {
    this.living[kind]--;
    this.#releases[kind](object);
  }

  /** A value that shows elements without owning them; it must be released, and the elements must outlive it. */
  view(info: Pointer, elements: Pointer | ArrayBufferView, bytes: number, shape: BigInt64Array, type: number): Pointer {
    this.call('CreateTensorWithDataAsOrtValue', info, elements, bytes, shape, shape.length, type, this.#viewed);
    this.living.Value++;
    return this.#viewed[0]!;
  }

  /** A copy of the elements of a float32 value in main memory. */
  floats(value: Pointer): Float32Array {
    const description = this.create('TensorTypeAndShapeInfo', 'GetTensorTypeAndShape', value);
    const count: (number | null)[] = [null];
    this.call('GetTensorShapeElementCount', description, count);
    this.release('TensorTypeAndShapeInfo', description);
    const bytes = count[0]! * Float32Array.BYTES_PER_ELEMENT;
    return new Float32Array(this.#koffi.view(this.result('GetTensorMutableData', value), bytes).slice(0));
  }

  /** Execution providers in the library, for example cpu and webgpu. */
  providers(): string[] {
    const names: (Pointer | null)[] = [null];
    const count: (number | null)[] = [null];
    this.call('GetAvailableProviders', names, count);
    const list = this.#koffi.decode(names[0], this.#koffi.array('const char *', count[0]!)) as string[];
    this.call('ReleaseAvailableProviders', names[0]!, count[0]!);
    return list.map(providerName);
  }

  /** Address of an array's elements. */
  addressOf(array: ArrayBufferView): Pointer {
    return this.#koffi.address(array);
  }

  /** Text at an address that the default allocator gave, which gets it back. */
  takeText(address: Pointer): string {
    const text = this.#koffi.decode.string(address);
    this.call('AllocatorFree', this.result('GetAllocatorWithDefaultOptions'), address);
    return text;
  }
}

/** Takes a reference to a library that nobody gives back: koffi unloads it with its handle, under the library's own threads. */
function keepLoaded(koffi: Koffi, file: string): void {
  if (process.platform === 'win32') koffi.load('kernel32.dll').func('void *LoadLibraryW(const char16_t *file)')(file);
  else koffi.load(null).func('void *dlopen(const char *file, int flags)')(file, 1);
}

/** The library's file: the copy beside the CUDA provider, where there is one, else in the folder that onnxruntime-node brings. */
function ownLibrary(): string {
  const folder = hasProvider(cudaFolder())
    ? cudaFolder()
    : orExplain(libraryFolder, "ONNX Runtime's library is not installed");
  const names = orExplain(() => readdirSync(folder), `this package has no library for this platform`);
  const name = names.find((each) => /^(lib)?onnxruntime\.(so\.1|dll|1\.dylib)$/.test(each));
  if (name === undefined) throw new InputError(`onnxruntime backend: ${folder} has no library of ONNX Runtime`);
  return join(folder, name);
}

function orExplain<T>(run: () => T, what: string): T {
  try {
    return run();
  } catch (error) {
    const [reason] = messageOf(error).split('\n');
    throw new InputError(`onnxruntime backend: ${what} (${reason})`);
  }
}

function mapValues<K extends string, V, R>(record: Readonly<Record<K, V>>, map: (value: V) => R): Record<K, R> {
  const entries = (Object.entries(record) as [K, V][]).map(([key, value]) => [key, map(value)] as const);
  return Object.fromEntries(entries) as Record<K, R>;
}

/** Name of an execution provider as this package writes it: cpu for CPUExecutionProvider. */
export function providerName(name: string): string {
  return name.replace(/ExecutionProvider$/, '').toLowerCase();
}

/** Text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

let loaded: OnnxRuntime | undefined;

/**
 * ONNX Runtime, which a process loads once.
 * @param file another library than the one that is loaded or comes with this package
 * @throws InputError where something is missing, and for a second library
 */
export function onnxRuntime(file?: string): OnnxRuntime {
  loaded ??= new OnnxRuntime(file ?? ownLibrary());
  if (file !== undefined && file !== loaded.file) {
    throw new InputError(`onnxruntime backend: library ${file} comes too late, ${loaded.file} is loaded`);
  }
  return loaded;
}
