import type { Tensor as OrtTensor } from 'onnxruntime-common';

/** Element types that occur inside a graph. tfjs tensors are float32, int32 or bool; int64 only describes shapes. */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';
export type NumericArray = Float32Array | Int32Array | BigInt64Array | Uint8Array;
/** An integer, a list of integers, a string, or a float written as `{ float: x }`, so that 1 stays an integer. */
export type Attribute = number | readonly number[] | string | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

/** Where a kernel was called: for messages about graphs that fail. */
export interface Origin {
  readonly kernel: string;
  readonly shapes: readonly (readonly number[])[];
  /** The stack at the call, recorded in debug mode only. */
  readonly stack?: string | undefined;
}

/** One ONNX operator of the pending graph. An omitted optional input is `undefined`. */
export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly attributes: Attributes;
  /** Operator and attributes as text: this node's part of the structural key. */
  readonly signature: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly origin: Origin | undefined;
}

/**
 * A tensor of the graph. It is one of
 * - pending: `node` computes it when somebody needs it;
 * - a leaf: `tensor` holds its elements, and graphs take it as an input;
 * - a constant: `constant` holds elements that belong to the graph's structure (axes, shapes, a literal 0 or 1).
 */
export class Value {
  static #created = 0;
  /** Order of creation. */
  readonly sequence = Value.#created++;
  readonly shape: readonly number[];
  readonly type: ElementType;
  node: Node | undefined;
  tensor: OrtTensor | undefined;
  readonly constant: NumericArray | undefined;
  /** The recording in which this leaf was written, if any: see compile. */
  recording: object | undefined;
  /** A graph that computed this pending value together with others failed. */
  isolated = false;
  /** For a leaf that is another leaf under another shape: that other leaf. */
  source: Value | undefined;
  /**
   * Takes the elements back once nobody holds them, so that a later result can overwrite them. Only compiled calls set it,
   * and whatever hands out the value or its elements to somebody who may keep them clears it: the backend's
   * `valueBehind` (which `value` and `sharedValue` call) and `elements`.
   */
  reclaim: (() => void) | undefined;
  /** This value under other shapes, so that equal reshapes are one node. */
  reshaped: Map<string, Value> | undefined;

  constructor(
    type: ElementType,
    shape: readonly number[],
    content: { constant?: NumericArray; tensor?: OrtTensor } = {},
  ) {
    this.type = type;
    this.shape = shape;
    this.constant = content.constant;
    this.tensor = content.tensor;
  }

  get size(): number {
    return sizeOf(this.shape);
  }
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** Elements as text that differs wherever they do: -0 is not 0. */
export function elementsText(elements: NumericArray): string {
  return Array.from<number | bigint, string>(elements as ArrayLike<number | bigint>, (x) =>
    Object.is(x, -0) ? '-0' : String(x),
  ).join();
}
