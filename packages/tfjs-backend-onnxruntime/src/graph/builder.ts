import { elementTypeCode } from '../onnx/encode.ts';
import { cpu } from '../runtime/devices/cpu.ts';
import { type Device, type Difference, differs, splitOutputs } from '../runtime/devices/device.ts';
import { broadcastShape, reducedShape } from './shapes.ts';
import {
  type Attributes,
  constant,
  type Description,
  type ElementType,
  elementOf,
  type Origin,
  pending,
  sameShape,
  sizeOf,
  type Value,
} from './value.ts';

/** Appends operators to the pending graph. Nothing is computed here. */
export class GraphBuilder {
  /** The kernel call whose operators are being appended. */
  origin: Origin | undefined;
  /** Operators appended since the count was last reset. */
  pending = 0;
  readonly #device: Device;
  readonly #signatures = new Map<string, string>();

  constructor(device: Device = cpu) {
    this.#device = device;
  }

  /** Whether the device's operators differ in this way, so that a kernel needs another form. */
  differs(difference: Difference): boolean {
    return differs(this.#device, difference);
  }

  /** Appends one operator with one output. */
  operator(
    op: string,
    inputs: readonly (Value | undefined)[],
    output: Description,
    attributes: Attributes = {},
    domain = '',
  ): Value {
    return this.operatorOf(op, inputs, [output], attributes, domain)[0]!;
  }

  /** Appends one operator with several outputs. */
  operatorOf(
    op: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly Description[],
    attributes: Attributes = {},
    domain = '',
  ): readonly Value[] {
    const signature = this.#signature(op, domain, attributes);
    const values: Value[] = [];
    const node = { op, domain, attributes, signature, inputs, outputs: values, origin: this.origin };
    for (const output of outputs) values.push(pending(output, node));
    this.pending++;
    return values;
  }

  /** Whole numbers that are part of the structure: a shape, axes, starts. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return constant(BigInt64Array.from(values, BigInt), { type: 'int64', shape });
  }

  /** Numbers that are part of the structure: weights that follow from shapes. */
  floats(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return constant(Float32Array.from(values), { type: 'float32', shape });
  }

  /** A scalar that is part of the structure. A number that may change from step to step must be a leaf instead. */
  scalar(value: number, type: ElementType): Value {
    return constant(elementOf(type, value), { type, shape: [] });
  }

  /** A broadcast scalar of the structure. */
  filled(value: number, { type, shape }: Description): Value {
    return this.expand(this.scalar(value, type), shape);
  }

  unary(op: string, x: Value, attributes: Attributes = {}): Value {
    return this.operator(op, [x], x, attributes);
  }

  /** Where a float32 is no number. */
  isNaN(x: Value): Value {
    if (!this.differs('isNaNIsMissing')) return this.operator('IsNaN', [x], { type: 'bool', shape: x.shape });
    // Everything else is at most infinite.
    const infinity = this.scalar(Number.POSITIVE_INFINITY, 'float32');
    return this.unary('Not', this.binary('LessOrEqual', x, infinity, 'bool'));
  }

  /** An elementwise operator of two inputs, with broadcasting. */
  binary(op: string, a: Value, b: Value, type: ElementType = a.type): Value {
    return this.operator(op, [a, b], { type, shape: broadcastShape(a.shape, b.shape) });
  }

  where(condition: Value, a: Value, b: Value): Value {
    const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
    return this.operator('Where', [condition, a, b], { type: a.type, shape });
  }

  /** A value's elements under another shape of the same size. */
  reshape(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    const key = shape.join();
    const known = x.reshaped?.get(key);
    // A leaf's elements may have arrived since: then the reshape is free and the recorded one would be a detour.
    if (known && (known.kind === 'pending') === (x.kind === 'pending')) return known;
    const reshaped = this.operator('Reshape', [x, this.integers(shape)], { type: x.type, shape });
    x.reshaped ??= new Map();
    x.reshaped.set(key, reshaped);
    return reshaped;
  }

  transpose(x: Value, permutation: readonly number[]): Value {
    if (permutation.every((axis, index) => axis === index)) return x;
    const shape = permutation.map((axis) => x.shape[axis]!);
    return this.operator('Transpose', [x], { type: x.type, shape }, { perm: permutation });
  }

  cast(x: Value, type: ElementType): Value {
    if (x.type === type) return x;
    return this.operator('Cast', [x], { type, shape: x.shape }, { to: elementTypeCode(type) });
  }

  /**
   * To int32 as JavaScript does it: numbers beyond wrap around, NaN and infinities become 0. ONNX leaves these open, and
   * ONNX Runtime gives -2147483648 for all of them; but the low half of the int64 is right.
   */
  truncate(x: Value): Value {
    if (x.type !== 'float32') return this.cast(x, 'int32');
    if (this.differs('castSaturates')) {
      const fits = this.binary('Less', this.unary('Abs', x), this.scalar(2 ** 63, 'float32'), 'bool');
      x = this.where(fits, x, this.scalar(0, 'float32'));
    }
    // A maximum that changes nothing: ONNX Runtime would make one cast of two that follow each other.
    return this.cast(this.binary('Max', this.cast(x, 'int64'), this.scalar(-(2 ** 63), 'int64')), 'int32');
  }

  expand(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    return this.operator('Expand', [x, this.integers(shape)], { type: x.type, shape });
  }

  slice(x: Value, begin: readonly number[], size: readonly number[]): Value {
    if (sameShape(x.shape, size)) return x;
    const axes = x.shape.map((_, axis) => axis).filter((axis) => size[axis] !== x.shape[axis]);
    const starts = axes.map((axis) => begin[axis]!);
    const ends = axes.map((axis) => begin[axis]! + size[axis]!);
    return this.operator('Slice', [x, this.integers(starts), this.integers(ends), this.integers(axes)], {
      type: x.type,
      shape: size,
    });
  }

  /** Consecutive parts of these sizes along one axis. */
  split(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
    const outputs = sizes.map((size) => ({ type: x.type, shape: x.shape.map((d, at) => (at === axis ? size : d)) }));
    if (sizes.length <= splitOutputs || !this.differs('splitHasFewOutputs')) {
      return this.operatorOf('Split', [x, this.integers(sizes)], outputs, { axis });
    }
    let start = 0;
    return outputs.map(({ shape }, index) => {
      const begin = shape.map((_, at) => (at === axis ? start : 0));
      start += sizes[index]!;
      return this.slice(x, begin, shape);
    });
  }

  concat(values: readonly Value[], axis: number): Value {
    const first = values[0]!;
    const shape = first.shape.map((size, index) =>
      index === axis ? values.reduce((sum, value) => sum + value.shape[axis]!, 0) : size,
    );
    return this.operator('Concat', values, { type: first.type, shape }, { axis });
  }

  /** ReduceSum, ReduceMean, ReduceMax, ReduceMin or ReduceProd. */
  reduce(op: string, x: Value, axes: readonly number[], keepDims: boolean): Value {
    const shape = reducedShape(x.shape, axes, keepDims);
    if (axes.length === 0) return x;
    // The cpu has the kernels of int64.
    const isSummed = op === 'ReduceSum' || op === 'ReduceProd';
    const isWidened = isSummed && x.type === 'int32' && this.differs('integersReduceAsFloats');
    const value = isWidened ? this.cast(x, 'int64') : x;
    const reduced = { type: value.type, shape };
    return this.cast(this.operator(op, [value, this.integers(axes)], reduced, { keepdims: keepDims ? 1 : 0 }), x.type);
  }

  /** Product of the last two axes, with broadcasting of the others. */
  matMul(a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
    const inner = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
    if (a.shape.length < 2 || b.shape.length < 2 || inner[0] !== inner[1]) {
      throw new Error(
        `Error in matMul: inner shapes (${inner[0]}) and (${inner[1]}) of tensors with shapes ${a.shape} and ${b.shape} ` +
          `and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
      );
    }
    const [rows, columns] = [a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
    const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const output: Description = { type: 'float32', shape: [...batch, rows, columns] };
    if (rows === 1 && columns === 1 && batch.length > 0) return this.#dotProducts(a, b, output.shape);
    const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
    if ((transposeA || transposeB) && this.differs('fusedMatMulIsMissing')) {
      if (a.shape.length === 2 && b.shape.length === 2) return this.operator('Gemm', [a, b], output, attributes);
      return this.matMul(transposeA ? this.#turned(a) : a, transposeB ? this.#turned(b) : b, false, false);
    }
    if (!transposeA && !transposeB) return this.operator('MatMul', [a, b], output);
    return this.operator('FusedMatMul', [a, b], output, attributes, 'com.microsoft');
  }

  /** With its last two axes exchanged. */
  #turned(x: Value): Value {
    const rank = x.shape.length;
    return this.transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
  }

  /** Many products of a row by a column: each would be a matrix product of its own, which costs more than its arithmetic. */
  #dotProducts(a: Value, b: Value, shape: readonly number[]): Value {
    const inner = a.size / sizeOf(a.shape.slice(0, -2));
    const asRows = (x: Value) => this.reshape(x, [...x.shape.slice(0, -2), inner]);
    const sums = this.reduce('ReduceSum', this.binary('Mul', asRows(a), asRows(b)), [shape.length - 2], false);
    return this.reshape(sums, shape);
  }

  #signature(op: string, domain: string, attributes: Attributes): string {
    const names = Object.keys(attributes);
    if (names.length === 0 && domain === '') return op;
    const text = `${domain}.${op} ${JSON.stringify(attributes)}`;
    // One string object per text: keys of large graphs are made of a few hundred distinct signatures.
    const known = this.#signatures.get(text);
    if (known !== undefined) return known;
    if (this.#signatures.size > 10_000) this.#signatures.clear();
    this.#signatures.set(text, text);
    return text;
  }
}
