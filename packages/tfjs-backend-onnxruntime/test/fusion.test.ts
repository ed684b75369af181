import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { GraphNode } from '../src/graph/graph.ts';
import { compile, OnnxRuntimeBackend } from '../src/index.ts';
import { devices } from '../src/runtime/devices/index.ts';
import { operatorsInJavaScript } from './support/fused-in-javascript.ts';
import { type FusionCase, fusionCases } from './support/fusion-cases.ts';
import { random, useBackend } from './support/reference.ts';

beforeAll(() => useBackend());
afterEach(() => Object.assign(devices.cpu, { operators: undefined }));

/** Computes a function with ONNX Runtime's operators, and with kernels of ours; gives those operators that are left. */
function fused(fn: FusionCase['fn'], inputs: tf.Tensor[]): string[] {
  const elements = (results: tf.Tensor | tf.Tensor[]) => [results].flat().map((tensor) => [...tensor.dataSync()]);
  const expected = elements(compile(fn)(...(inputs as never[])));
  let nodes: GraphNode[] = [];
  const { compileGraph } = OnnxRuntimeBackend.prototype;
  const spy = vi.spyOn(OnnxRuntimeBackend.prototype, 'compileGraph').mockImplementation(function (
    this: OnnxRuntimeBackend,
    graph,
  ) {
    const compiled = compileGraph.call(this, graph);
    ({ nodes } = graph);
    return compiled;
  });
  Object.assign(devices.cpu, { operators: operatorsInJavaScript });
  const results = elements(compile(fn)(...(inputs as never[])));
  spy.mockRestore();
  expect(results.length).toBe(expected.length);
  for (const [index, values] of results.entries()) {
    expect(values.length).toBe(expected[index]!.length);
    for (const [place, value] of values.entries()) {
      const other = expected[index]![place]!;
      if (Number.isNaN(other)) expect(value).toBeNaN();
      else if (value !== other) expect(Math.abs(value - other)).toBeLessThan(1e-5 * (1 + Math.abs(other)));
    }
  }
  return nodes.map(({ op }) => op.replace(/^Fused.*/, 'Fused')).filter((op) => op !== 'Reshape');
}

test.each(fusionCases)('kernels of ours compute $name', ({ fn, inputs, left }) => {
  expect(fused(fn, inputs())).toEqual(left);
});

test('the gradient of an embedding adds rows in their order', () => {
  const f = (table: tf.Tensor2D, rows: tf.Tensor1D, weights: tf.Tensor2D) =>
    tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.gather(x, rows), weights)))(table);
  const rows = tf.tensor1d([3, 0, 3, 1, 3], 'int32');
  const left = fused(f, [random([5, 6]), rows, random([5, 6])]);
  expect(left).not.toContain('ScatterElements');
  expect(left).toContain('Fused');
});
