import { type ElementType, type NumericArray, type OrtTensor, sizeOf } from '../runtime/tensor.ts';

export { type ElementType, type NumericArray, type OrtTensor, sameShape, sizeOf } from '../runtime/tensor.ts';

/** An integer, a list of integers, a string, or a float written as `{ float: x }`, so that 1 stays an integer. */
export type Attribute = number | readonly number[] | string | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

/** Place where a kernel was called: for messages about graphs that fail. */
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

/** Type and shape of a tensor. */
export interface Description {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

interface Common<Kind extends string> extends Description {
  readonly kind: Kind;
  /** Number of elements. */
  readonly size: number;
  /** Order of creation. */
  readonly sequence: number;
  /** This value under other shapes, so that equal reshapes are one node. */
  reshaped: Map<string, Value> | undefined;
}

/** A tensor that `node` computes when somebody needs it; then it becomes a leaf. */
export interface Pending extends Common<'pending'> {
  readonly node: Node;
  /** A graph that computed this value together with others failed. */
  isolated: boolean;
  /** Somebody may keep the value or its elements: see memory.ts. */
  isShared: boolean;
  /** The error of the compiled function that should have computed this value. */
  failure: Error | undefined;
}

/** A tensor whose elements are there: graphs take it as an input. */
export interface Leaf extends Common<'leaf'> {
  readonly tensor: OrtTensor;
  /** The recording in which this leaf was written, if any: see compile. */
  recording: object | undefined;
  /** The leaf that this one is under another shape. */
  readonly source: Leaf | undefined;
  /** Takes the elements back for a compiled function, once nobody holds them: see memory.ts. */
  claim: (() => void) | undefined;
}

/** A tensor whose elements belong to the graph's structure (axes, shapes, a literal 0 or 1). */
export interface Constant extends Common<'constant'> {
  readonly elements: NumericArray;
}

/** A tensor of the graph. */
export type Value = Pending | Leaf | Constant;

let created = 0;

// Literals and no spread: a step of training makes a thousand, and a GPU is done with it in a few milliseconds.

/** A tensor that a node will compute. */
export function pending({ type, shape }: Description, node: Node): Pending {
  const size = sizeOf(shape);
  const [isolated, isShared, failure] = [false, false, undefined];
  return {
    kind: 'pending',
    type,
    shape,
    size,
    sequence: created++,
    reshaped: undefined,
    node,
    isolated,
    isShared,
    failure,
  };
}

/** A tensor with these elements, under a shape of as many. */
export function leaf(tensor: OrtTensor, { type, shape }: Description, recording?: object, source?: Leaf): Leaf {
  const size = sizeOf(shape);
  const [reshaped, claim] = [undefined, undefined];
  return { kind: 'leaf', type, shape, size, sequence: created++, reshaped, tensor, recording, source, claim };
}

/** A tensor of a graph's structure. */
export function constant(elements: NumericArray, { type, shape }: Description): Constant {
  return { kind: 'constant', type, shape, size: sizeOf(shape), sequence: created++, reshaped: undefined, elements };
}

/** Makes a pending tensor the leaf that it was computed to; whoever has the value sees it. */
export function settle(value: Pending, tensor: OrtTensor): void {
  const { kind, source, claim, reshaped } = leaf(tensor, value);
  Object.assign(value, { kind, tensor, source, claim, reshaped, recording: undefined, node: undefined });
}

/** Elements as text that differs wherever they do: -0 is not 0. */
export function elementsText(elements: NumericArray): string {
  const texts: string[] = [];
  for (const x of elements) texts.push(Object.is(x, -0) ? '-0' : String(x));
  return texts.join();
}

/** A number as the array of a type. */
export function elementOf(type: ElementType, value: number): NumericArray {
  switch (type) {
    case 'float32':
      return Float32Array.of(value);
    case 'int32':
      return Int32Array.of(value);
    case 'int64':
      return BigInt64Array.of(BigInt(value));
    case 'bool':
      return Uint8Array.of(value);
  }
}
