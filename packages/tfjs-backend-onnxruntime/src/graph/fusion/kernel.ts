import { createHash } from 'node:crypto';
import type { Graph, GraphNode } from '../graph.ts';
import { sizeOf } from '../value.ts';
import type { Analysis } from './analysis.ts';
import { formulas } from './formulas.ts';
import { expressionOf, type Writer } from './pointwise.ts';
import type { Reduction, RowOperation } from './reductions.ts';

/** A kernel that computes an expression at every place of a size: pointwise results, or `rows` of them. */
export interface FusedKernel {
  /** Name of the computation: equal ones share it. */
  readonly name: string;
  /** Places. */
  readonly size: number;
  /** Tensors a0, a1, ... that it reads, and o0, o1, ... that it writes. */
  readonly inputs: readonly ('float32' | 'int32')[];
  readonly outputs: readonly (readonly number[])[];
  /** Statements for place `i`, which C and JavaScript read alike: see formulas. */
  readonly body: string;
  /** Present where the only output is sums, maxima or a softmax of `result`, which the statements define for each place. */
  readonly rows?: RowKernel;
}

/** Places in rows of columns: what is computed of them. */
type RowKernel =
  | SumKernel
  | SegmentSumKernel
  | { readonly kind: 'softmax'; readonly rows: number; readonly columns: number }
  | { readonly kind: 'maximum'; readonly rows: number; readonly columns: number };

/** Sums of the rows whose numbers in a0 are the same, for each number below `segments`. */
interface SegmentSumKernel {
  readonly kind: 'segmentSum';
  readonly rows: number;
  readonly columns: number;
  readonly segments: number;
}

/** Sums over the columns or the rows, each in so many parts of `length` terms at most, which follow each other in the output. */
export interface SumKernel {
  readonly kind: 'sum';
  readonly over: 'rows' | 'columns';
  readonly rows: number;
  readonly columns: number;
  readonly parts: number;
  readonly length: number;
  readonly scale: number;
}

/** A kernel with the tensors that it is for. */
export interface Placed {
  readonly kernel: FusedKernel;
  readonly inputs: string[];
  readonly outputs: string[];
}

/** CUDA has no kernel for the first, and one that loses small numbers for the second. */
const lacking = new Set(['Atan', 'Sigmoid']);

/** Statements that compute values of a graph, each once, and the tensors that they read. */
class Statements implements Writer {
  readonly lines: string[] = [];
  readonly inputs: string[];
  /** Operators that they replace; those for which CUDA has no kernel, or one that takes several times as long, count twice. */
  operators = 0;
  readonly #graph: Graph;
  readonly #analysis: Analysis;
  readonly #known = new Map<string, string>();

  /** @param inputs tensors that the kernel itself reads, which come first */
  constructor(graph: Graph, analysis: Analysis, inputs: readonly string[] = []) {
    this.inputs = [...inputs];
    this.#graph = graph;
    this.#analysis = analysis;
  }

  /** The variable of a pointwise result at a place. */
  compute(name: string, index: string): string {
    const node = this.#analysis.producer(name)!;
    this.operators += lacking.has(node.op) || !(node.op in formulas) ? 2 : 1;
    return this.#define(`${name} ${index}`, 'float', expressionOf(this.#graph, node, index, this));
  }

  /** The variable, or the literal, of an element of any tensor. */
  element(name: string, index: string): string {
    const base = this.#analysis.base(name);
    const variable = this.#known.get(`${base} ${index}`);
    if (variable !== undefined) return variable;
    if (this.#analysis.inlines(base)) return this.compute(base, index);
    const literal = literalOf(this.#graph, base);
    if (literal !== undefined) return literal;
    if (!this.inputs.includes(base)) this.inputs.push(base);
    return this.#define(`${base} ${index}`, 'float', `a${this.inputs.indexOf(base)}[${index}]`);
  }

  place(expression: string): string {
    if (/^\w+$/.test(expression)) return expression;
    return this.#known.get(expression) ?? this.#define(expression, 'unsigned', expression);
  }

  #define(key: string, type: 'float' | 'unsigned', expression: string): string {
    const variable = `v${this.#known.size}`;
    this.lines.push(`const ${type} ${variable} = ${expression};`);
    this.#known.set(key, variable);
    return variable;
  }
}

/** The kernel of elementwise results of one size, operands first. */
export function kernelOf(graph: Graph, analysis: Analysis, group: readonly string[]): Placed & { operators: number } {
  const statements = new Statements(graph, analysis);
  const outputs = group.filter((name) => analysis.isReadBeside(name, group));
  for (const name of group) {
    const variable = statements.compute(name, 'i');
    if (outputs.includes(name)) statements.lines.push(`o${outputs.indexOf(name)}[i] = ${variable};`);
  }
  const { inputs, lines, operators } = statements;
  const shapes = outputs.map((name) => graph.tensors.get(name)!.shape);
  const kernel = named({ size: sizeOf(shapes[0]!), inputs: floats(inputs), outputs: shapes, body: lines.join('\n') });
  return { kernel, inputs, outputs, operators };
}

/** Terms that one block of threads adds at most, by what is added, and blocks that fill a GPU. */
const [partLength, enoughBlocks] = [{ columns: 4096, rows: 64 }, 1024];
/** Columns that a block adds rows of. */
export const tileColumns = 32;

/** The kernels of a sum whose terms are computed on the way: of its parts, and, where there are several, of their sum. */
function sumKernelsOf(graph: Graph, analysis: Analysis, node: GraphNode, reduction: Reduction): Placed[] {
  const { over, rows, columns, scale, operand, weights } = reduction;
  const statements = new Statements(graph, analysis);
  const term = statements.element(operand, 'i');
  const weight = weights === undefined ? undefined : statements.element(weights, statements.place(`i % ${columns}`));
  statements.lines.push(`const float result = ${weight === undefined ? term : `${term} * ${weight}`};`);
  const { inputs, lines } = statements;
  const [output = ''] = node.outputs;
  const { shape } = graph.tensors.get(output)!;
  const [terms, blocks] = over === 'columns' ? [columns, rows] : [rows, Math.ceil(columns / tileColumns)];
  const parts = Math.max(1, Math.min(Math.ceil(terms / partLength[over]), Math.ceil(enoughBlocks / blocks)));
  const kernel = (inputs: 'float32'[], shape: readonly number[], body: string, sum: Omit<SumKernel, 'kind' | 'over'>) =>
    named({
      size: sum.rows * sum.columns,
      inputs,
      outputs: [shape],
      body,
      rows: { kind: 'sum', over, ...sum },
    });
  const length = Math.ceil(terms / parts);
  const whole = { rows, columns, parts, length };
  const body = lines.join('\n');
  if (parts === 1) {
    return [{ kernel: kernel(floats(inputs), shape, body, { ...whole, scale }), inputs, outputs: [output] }];
  }
  const between = `${output} parts`;
  const partial = over === 'columns' ? { rows, columns: parts } : { rows: parts, columns };
  const partialShape = [partial.rows, partial.columns];
  graph.tensors.set(between, { type: 'float32', shape: partialShape });
  const second = { ...partial, parts: 1, length: parts, scale };
  return [
    {
      kernel: kernel(floats(inputs), partialShape, body, { ...whole, scale: 1 }),
      inputs,
      outputs: [between],
    },
    {
      kernel: kernel(['float32'], shape, 'const float result = a0[i];', second),
      inputs: [between],
      outputs: [output],
    },
  ];
}

/** The kernels of an operation on rows, whose terms are computed on the way. */
export function rowKernelsOf(graph: Graph, analysis: Analysis, node: GraphNode, operation: RowOperation): Placed[] {
  if (operation.kind === 'sum') return sumKernelsOf(graph, analysis, node, operation);
  const { kind, operand, rows, columns } = operation;
  const numbers = kind === 'segmentSum' ? [operation.numbers] : [];
  const statements = new Statements(graph, analysis, numbers);
  statements.lines.push(`const float result = ${statements.element(operand, 'i')};`);
  const { inputs, lines } = statements;
  const [output = ''] = node.outputs;
  const kernel = named({
    size: rows * columns,
    inputs: [...numbers.map(() => 'int32' as const), ...floats(inputs.slice(numbers.length))],
    outputs: [graph.tensors.get(output)!.shape],
    body: lines.join('\n'),
    rows: kind === 'segmentSum' ? { kind, rows, columns, segments: operation.segments } : { kind, rows, columns },
  });
  return [{ kernel, inputs, outputs: [output] }];
}

function floats(names: readonly string[]): 'float32'[] {
  return names.map(() => 'float32');
}

function named(kernel: Omit<FusedKernel, 'name'>): FusedKernel {
  const hash = createHash('sha256').update(JSON.stringify(kernel)).digest('hex');
  return { name: `Fused${hash.slice(0, 16)}`, ...kernel };
}

/** The text of a constant scalar. */
function literalOf(graph: Graph, name: string): string | undefined {
  const elements = graph.constants.get(name);
  if (elements?.length !== 1) return undefined;
  const number = Number(elements[0]);
  // All digits of a float32, and in C a float and no double.
  const sign = Object.is(number, -0) ? '-' : '';
  return Number.isFinite(number) ? `F(${sign}${number.toExponential(9)})` : undefined;
}
