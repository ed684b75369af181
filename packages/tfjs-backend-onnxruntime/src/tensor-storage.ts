import {
  backend_util,
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { copyOf } from './graph/leaf.ts';
import type { NumericArray, Value } from './graph/value.ts';

type BackendValues = backend_util.BackendValues;
/** What a tfjs tensor's elements are. */
export type TypedElements = Float32Array | Int32Array | Uint8Array;

/** What a tfjs data id stands for. Exactly one of the three contents is there. */
interface TensorData {
  references: number;
  readonly dtype: DataType;
  value?: Value;
  strings?: Uint8Array[];
  complex?: { real: TensorInfo; imag: TensorInfo };
}

/** The part of a tfjs backend that keeps tensors: data ids, who holds them, and what stands behind them. */
export abstract class TensorStorage extends KernelBackend {
  readonly #data = new DataStorage<TensorData>(this, engine());
  readonly #live = new Set<TensorData>();

  /** Wraps elements without copying them. */
  abstract leaf(elements: NumericArray, shape: readonly number[]): Value;
  /** Elements of a value; computes what is pending. */
  abstract elements(value: Value): TypedElements;
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
      this.#data.set(dataId, { references, dtype, strings: values as Uint8Array[] });
      return;
    }
    if (dtype === 'complex64') {
      const parts = backend_util.splitRealAndImagArrays(values as Float32Array);
      const real = { dataId: this.write(parts.real, shape, 'float32'), shape, dtype: 'float32' as const };
      const imag = { dataId: this.write(parts.imag, shape, 'float32'), shape, dtype: 'float32' as const };
      this.#data.set(dataId, { references, dtype, complex: { real, imag } });
      return;
    }
    // A copy: the graph runs later, when the caller may have filled the same array with the next batch.
    const value = this.leaf(copyOf(values as ArrayLike<number>, dtype), shape);
    this.#set(dataId, { references, dtype, value });
  }

  /** The elements as they are now, also when the tensor is disposed of before the promise is awaited. */
  override async read(dataId: DataId): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override readSync(dataId: DataId): BackendValues {
    const data = this.#data.get(dataId);
    if (data.strings) return data.strings;
    if (data.complex) {
      return backend_util.mergeRealAndImagArrays(
        this.readSync(data.complex.real.dataId) as Float32Array,
        this.readSync(data.complex.imag.dataId) as Float32Array,
      );
    }
    return this.elements(data.value as Value);
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
    data.references--;
    if (!force && data.references > 0) return false;
    if (data.complex) {
      this.disposeData(data.complex.real.dataId, true);
      this.disposeData(data.complex.imag.dataId, true);
    }
    this.#live.delete(data);
    this.#data.delete(dataId);
    if (data.value) this.release(data.value);
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
    return [...this.#live].map(({ value }) => value as Value);
  }

  /**
   * The value behind a tensor's data id, under the shape it was computed in; undefined for strings and complex numbers. The
   * caller may keep it.
   */
  valueBehind(dataId: DataId): Value | undefined {
    const { value } = this.#data.get(dataId);
    if (value) value.reclaim = undefined;
    return value;
  }

  /** The same of a tensor that is neither strings nor complex numbers. */
  sharedValue(dataId: DataId): Value {
    return this.valueBehind(dataId) as Value;
  }

  /** The same only for a caller that has forgotten the value and its elements when it returns. */
  borrowedValue(dataId: DataId): Value {
    return this.#data.get(dataId).value as Value;
  }

  /** Where a tensor's elements are; undefined while they are pending, or for strings and complex numbers. */
  location(tensor: TensorInfo): 'cpu' | 'gpu-buffer' | undefined {
    return this.#data.get(tensor.dataId).value?.tensor?.location as 'cpu' | 'gpu-buffer' | undefined;
  }

  /** Puts another value behind a data id. */
  replaceValue(dataId: DataId, value: Value): void {
    this.#data.get(dataId).value = value;
  }

  /** A new data id for a value. */
  tensor(value: Value, dtype: DataType = value.type as DataType): TensorInfo {
    const dataId = {};
    // Constants belong to graphs; a tensor that is one (zeros of shape []) must have elements that can be read and fed.
    const own = value.constant ? this.leaf(value.constant.slice(), value.shape) : value;
    this.#set(dataId, { references: 1, dtype, value: own });
    return { dataId, shape: [...value.shape], dtype };
  }

  /** Another tensor with the same elements, as tfjs' reshape and clone are. */
  alias(tensor: TensorInfo, shape: number[] = tensor.shape): TensorInfo {
    this.#data.get(tensor.dataId).references++;
    return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
  }

  /** The two parts of a complex tensor. */
  complexParts(tensor: TensorInfo): { real: TensorInfo; imag: TensorInfo } | undefined {
    return this.#data.get(tensor.dataId).complex;
  }

  /** A complex tensor that owns these two parts. */
  complexTensor(real: TensorInfo, imag: TensorInfo): TensorInfo {
    const dataId = {};
    this.#data.set(dataId, { references: 1, dtype: 'complex64', complex: { real, imag } });
    return { dataId, shape: real.shape, dtype: 'complex64' };
  }

  #set(dataId: DataId, data: TensorData): void {
    this.#data.set(dataId, data);
    this.#live.add(data);
  }
}
