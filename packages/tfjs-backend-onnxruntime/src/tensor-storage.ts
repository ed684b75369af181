import {
  backend_util,
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { copyOf, type TypedElements } from './graph/leaf.ts';
import type { NumericArray, Value } from './graph/value.ts';
import { share } from './memory.ts';

type BackendValues = backend_util.BackendValues;

/** Contents of a tfjs data id. */
type Contents =
  | { readonly kind: 'value'; value: Value }
  | { readonly kind: 'strings'; readonly strings: Uint8Array[] }
  | { readonly kind: 'complex'; readonly real: TensorInfo; readonly imag: TensorInfo };

interface TensorData {
  references: number;
  readonly contents: Contents;
}

/** The part of a tfjs backend that keeps tensors: data ids, who holds them, and what stands behind them. */
export abstract class TensorStorage extends KernelBackend {
  readonly #data = new DataStorage<TensorData>(this, engine());
  readonly #live = new Set<{ value: Value }>();

  /** Wraps elements without copying them. */
  abstract leaf(elements: NumericArray, shape: readonly number[]): Value;
  /** Elements of a value; computes what is pending. */
  abstract elements(value: Value): TypedElements;
  /** Elements of a value; a long run that computes what is pending goes on beside JavaScript. */
  abstract elementsLater(value: Value): Promise<TypedElements>;
  /** Gives back memory of a value that nobody holds any more. */
  abstract release(value: Value): void;
  /** New data comes from JavaScript. */
  protected abstract beforeWrite(): void;
  protected abstract variableAssigned(): void;

  // ---- what tfjs calls

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    this.beforeWrite();
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, references: number): void {
    if (dtype === 'string') {
      this.#set(dataId, { kind: 'strings', strings: values as Uint8Array[] }, references);
      return;
    }
    const numbers = values as TypedElements;
    if (dtype === 'complex64') {
      const parts = backend_util.splitRealAndImagArrays(numbers as Float32Array);
      const part = (elements: Float32Array): TensorInfo => ({
        dataId: this.write(elements, shape, 'float32'),
        shape,
        dtype: 'float32',
      });
      this.#set(dataId, { kind: 'complex', real: part(parts.real), imag: part(parts.imag) }, references);
      return;
    }
    // A copy: the graph runs later, when the caller may have filled the same array with the next batch.
    this.#set(dataId, { kind: 'value', value: this.leaf(copyOf(numbers, dtype), shape) }, references);
  }

  /** The elements as they are now, also when the tensor is disposed of before the promise is awaited. */
  override async read(dataId: DataId): Promise<BackendValues> {
    const { contents } = this.#data.get(dataId);
    return contents.kind === 'value' ? this.elementsLater(contents.value) : this.readSync(dataId);
  }

  override readSync(dataId: DataId): BackendValues {
    const { contents } = this.#data.get(dataId);
    if (contents.kind === 'strings') return contents.strings;
    if (contents.kind === 'value') return this.elements(contents.value);
    const [real, imag] = [contents.real, contents.imag].map((part) => this.readSync(part.dataId) as Float32Array);
    return backend_util.mergeRealAndImagArrays(real!, imag!);
  }

  /** tfjs calls this for variables only: when one is made or assigned. */
  override incRef(dataId: DataId): void {
    this.variableAssigned();
    this.#data.get(dataId).references++;
  }

  decRef(dataId: DataId): void {
    if (this.#data.has(dataId)) this.#data.get(dataId).references--;
  }

  override refCount(dataId: DataId): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).references : 0;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const data = this.#data.get(dataId);
    const { contents } = data;
    data.references--;
    if (!force && data.references > 0) return false;
    this.#data.delete(dataId);
    if (contents.kind === 'complex') {
      this.disposeData(contents.real.dataId, true);
      this.disposeData(contents.imag.dataId, true);
    } else if (contents.kind === 'value') {
      this.#live.delete(contents);
      this.release(contents.value);
    }
    return true;
  }

  override numDataIds(): number {
    return this.#data.numDataIds();
  }

  override memory() {
    return {
      unreliable: true,
      reasons: [
        'Elements live in JavaScript memory, which is freed by the garbage collector some time after dispose(); a ' +
          'compiled function keeps large results of its last call, that were disposed of, for the next one.',
      ],
    };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  // ---- what the backend and its kernels use

  /** The values of all tensors. */
  liveValues(): Value[] {
    return [...this.#live].map(({ value }) => value);
  }

  /**
   * The value behind a tensor's data id, under the shape it was computed in; undefined for strings and complex numbers. The
   * caller may keep it: it is shared from now on.
   */
  valueBehind(dataId: DataId): Value | undefined {
    const { contents } = this.#data.get(dataId);
    return contents.kind === 'value' ? share(contents.value) : undefined;
  }

  /** The value behind a data id that is neither strings nor complex numbers. The caller may keep it. */
  sharedValue(dataId: DataId): Value {
    return share(this.borrowedValue(dataId));
  }

  /** The value behind such a data id, for a caller that has forgotten it and its elements when it returns. */
  borrowedValue(dataId: DataId): Value {
    return this.#holder(dataId).value;
  }

  /** Place of a tensor's elements; undefined while they are pending, or for strings and complex numbers. */
  location({ dataId }: TensorInfo): string | undefined {
    const { contents } = this.#data.get(dataId);
    return contents.kind === 'value' && contents.value.kind === 'leaf' ? contents.value.tensor.location : undefined;
  }

  /** Puts another value behind a data id. */
  replaceValue(dataId: DataId, value: Value): void {
    this.#holder(dataId).value = value;
  }

  /** A new data id for a value. */
  tensor(value: Value, dtype: DataType = dataTypeOf(value)): TensorInfo {
    const dataId = {};
    // Constants belong to graphs; a tensor that is one (zeros of shape []) must have elements that can be read and fed.
    const own = value.kind === 'constant' ? this.leaf(value.elements.slice(), value.shape) : value;
    this.#set(dataId, { kind: 'value', value: own }, 1);
    return { dataId, shape: [...value.shape], dtype };
  }

  /** Another tensor with the same elements, as tfjs' reshape and clone are. */
  alias(tensor: TensorInfo, shape: number[] = tensor.shape): TensorInfo {
    this.#data.get(tensor.dataId).references++;
    return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
  }

  /** The two parts of a complex tensor. */
  complexParts({ dataId }: TensorInfo): { real: TensorInfo; imag: TensorInfo } | undefined {
    const { contents } = this.#data.get(dataId);
    return contents.kind === 'complex' ? contents : undefined;
  }

  /** A complex tensor that owns these two parts. */
  complexTensor(real: TensorInfo, imag: TensorInfo): TensorInfo {
    const dataId = {};
    this.#set(dataId, { kind: 'complex', real, imag }, 1);
    return { dataId, shape: real.shape, dtype: 'complex64' };
  }

  #holder(dataId: DataId): { value: Value } {
    const { contents } = this.#data.get(dataId);
    if (contents.kind !== 'value') throw new Error(`a tensor of ${contents.kind} cannot be part of a graph`);
    return contents;
  }

  #set(dataId: DataId, contents: Contents, references: number): void {
    this.#data.set(dataId, { references, contents });
    if (contents.kind === 'value') this.#live.add(contents);
  }
}

/** The tfjs type of a value. int64 occurs inside graphs only. */
function dataTypeOf({ type }: Value): DataType {
  if (type === 'int64') throw new Error('an int64 value is no tensor: cast it first');
  return type;
}
