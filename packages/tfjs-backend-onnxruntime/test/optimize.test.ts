import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder } from '../src/graph/builder.ts';
import { type Graph, graphOf, type KnownLeaves } from '../src/graph/graph.ts';
import { leafElements, leafOf } from '../src/graph/leaf.ts';
import { optimize } from '../src/graph/optimize.ts';
import { makePlan } from '../src/graph/plan.ts';
import type { Leaf, Value } from '../src/graph/value.ts';
import { compile } from '../src/index.ts';
import { random, useBackend } from './support/reference.ts';

beforeAll(async () => {
  await useBackend();
});

const leaf = (shape: number[], elements = new Float32Array(shape.reduce((size, d) => size * d, 1))) =>
  leafOf(elements, shape);

function optimized(outputs: Value[], captured: readonly Leaf[] = []): Graph {
  const known: KnownLeaves = {
    baked: new Map(),
    captured: new Map(captured.map((value) => [value, leafElements(value)])),
  };
  const graph = graphOf(makePlan(outputs), known);
  optimize(graph);
  return graph;
}

const operators = ({ nodes }: Graph) => nodes.map(({ op }) => op);

/** The rotation of the half-split layout: tables [time, heads * size] and the matrix of a quarter turn. */
function rotation(time: number, heads: number, size: number) {
  const half = size / 2;
  const angle = (i: number) => (Math.floor(i / (heads * size)) + 1) / ((i % half) + 2);
  const table = (f: (x: number) => number) => Float32Array.from({ length: time * heads * size }, (_, i) => f(angle(i)));
  const turn = Float32Array.from({ length: size * size }, (_, i) => {
    const [row, column] = [Math.floor(i / size), i % size];
    return row === column + half ? -1 : column === row + half ? 1 : 0;
  });
  return { cosine: table(Math.cos), sine: table(Math.sin), turn };
}

describe('rotary embeddings', () => {
  const [batch, time, heads, size] = [2, 3, 2, 8];
  const width = heads * size;
  const tables = rotation(time, heads, size);
  const rotate = (builder: GraphBuilder, x: Value, cosine: Value, sine: Value, turn: Value) => {
    const turned = builder.matMul(builder.reshape(x, [batch * time * heads, size]), turn, false, false);
    const right = builder.binary('Mul', builder.reshape(turned, [batch, time, width]), sine);
    return builder.binary('Add', builder.binary('Mul', x, cosine), right);
  };
  const values = () => ({
    x: leaf([batch, time, width]),
    cosine: leaf([time, width], tables.cosine),
    sine: leaf([time, width], tables.sine),
    turn: leaf([size, size], tables.turn),
  });

  test('become one operator when the tables never change', () => {
    const { x, cosine, sine, turn } = values();
    const output = rotate(new GraphBuilder(), x, cosine, sine, turn);
    expect(operators(optimized([output], [cosine, sine, turn]))).toEqual(['RotaryEmbedding']);
  });

  test('stay as they are when the tables may change, or turn otherwise', () => {
    const { x, cosine, sine, turn } = values();
    const output = rotate(new GraphBuilder(), x, cosine, sine, turn);
    expect(operators(optimized([output], [cosine, sine]))).toContain('MatMul');
    const other = leaf(
      [size, size],
      tables.turn.map((element) => -element),
    );
    const otherOutput = rotate(new GraphBuilder(), x, cosine, sine, other);
    expect(operators(optimized([otherOutput], [cosine, sine, other]))).toContain('MatMul');
  });

  test.each(['add', 'sub'] as const)('compute the same (%s)', (combine) => {
    const [cosine, sine, turn] = [
      tf.tensor(tables.cosine, [time, width]),
      tf.tensor(tables.sine, [time, width]),
      tf.tensor(tables.turn, [size, size]),
    ];
    const f = (x: tf.Tensor) => {
      const turned = tf.matMul(tf.reshape(x, [batch * time * heads, size]), turn);
      const parts = [tf.mul(x, cosine), tf.mul(tf.reshape(turned, [batch, time, width]), sine)] as const;
      return combine === 'add' ? tf.add(...parts) : tf.sub(...parts);
    };
    const x = random([batch, time, width]);
    const expected = f(x).dataSync();
    for (const [index, value] of compile(f)(x).dataSync().entries()) expect(value).toBeCloseTo(expected[index] ?? 0, 5);
  });
});

describe('products', () => {
  test('of tall transposed matrices take the other order', () => {
    const builder = new GraphBuilder();
    const graph = optimized([builder.matMul(leaf([64, 2048]), leaf([64, 128]), true, false)]);
    expect(operators(graph)).toEqual(['FusedMatMul', 'Transpose']);
    const wide = optimized([builder.matMul(leaf([64, 128]), leaf([64, 2048]), true, false)]);
    expect(operators(wide)).toEqual(['FusedMatMul']);
  });

  test('are the same in either order', () => {
    const f = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, true, false);
    const [a, b] = [random([40, 1024]), random([40, 64], -2, 2, 3)];
    const expected = tf.matMul(tf.transpose(a), b).dataSync();
    const actual = compile(f)(a, b).dataSync();
    expect(Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] as number))))).toBeLessThan(1e-4);
  });

  test('of many rows by columns are sums, not products of their own', () => {
    const builder = new GraphBuilder();
    const graph = optimized([builder.matMul(leaf([7, 1, 5]), leaf([7, 5, 1]), false, false)]);
    expect(operators(graph)).not.toContain('MatMul');
  });
});

describe('slices of one tensor', () => {
  const slices = (count: number) => {
    const builder = new GraphBuilder();
    const x = leaf([8, 2]);
    return optimized(Array.from({ length: count }, (_, index) => builder.slice(x, [0, 0], [index + 1, 2])));
  };

  test('of many lengths have ends that ONNX Runtime does not know', () => {
    const { nodes, hidden } = slices(4);
    const producers = new Map(nodes.flatMap(({ op, outputs }) => outputs.map((output) => [output, op])));
    const ends = nodes.filter(({ outputs }) => hidden.has(outputs[0]!)).map(({ inputs }) => producers.get(inputs[2]!));
    expect(ends).toEqual(['Add', 'Add', 'Add', 'Add']);
  });

  test('of few lengths stay as they are', () => {
    const { nodes, hidden } = slices(3);
    expect(nodes.map(({ op }) => op)).toEqual(['Slice', 'Slice', 'Slice']);
    expect(hidden.size).toBe(0);
  });
});

describe('what every graph gets', () => {
  test('equal expressions are computed once, and outputs that were equal share one', () => {
    const builder = new GraphBuilder();
    const x = leaf([3]);
    const [a, b] = [builder.unary('Exp', x), builder.unary('Exp', x)];
    const graph = optimized([builder.binary('Add', a, b), b, a]);
    expect(operators(graph)).toEqual(['Exp', 'Add']);
    expect(graph.outputs[1]).toBe(graph.outputs[2]);
  });

  test('different attributes or inputs are different expressions', () => {
    const builder = new GraphBuilder();
    const x = leaf([3, 3]);
    const outputs = [builder.unary('Softmax', x, { axis: 0 }), builder.unary('Softmax', x, { axis: 1 })];
    expect(operators(optimized(outputs))).toEqual(['Softmax', 'Softmax']);
  });
});
