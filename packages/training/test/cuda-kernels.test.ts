import '@tensorflow/tfjs';
import { compile, OnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { feedForwardKindNames, TokenGenerator } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { Learner, parseConfig } from '../src/index.ts';
import { hasCudaKernel } from './support/cuda-kernels.ts';
import { batchRows, tinyModel } from './support/tiny-model.ts';

/** Operators of the graphs that were compiled, with the types of their inputs, and whether CUDA has none. */
const operators = new Map<string, boolean>();

beforeAll(async () => {
  await tf.setBackend('onnxruntime');
  const { compileGraph } = OnnxRuntimeBackend.prototype;
  vi.spyOn(OnnxRuntimeBackend.prototype, 'compileGraph').mockImplementation(function (this: OnnxRuntimeBackend, graph) {
    const compiled = compileGraph.call(this, graph);
    for (const { op, inputs } of graph.nodes) {
      const types = inputs.map((name) => (name === '' ? '' : graph.tensors.get(name)!.type));
      operators.set(`${op}(${types})`, hasCudaKernel(op, types));
    }
    return compiled;
  });
});

beforeEach(() => operators.clear());

const withoutKernel = () => [...operators].flatMap(([operator, isThere]) => (isThere ? [] : [operator]));

/** Operators without a kernel, for which a kernel of ours is made. */
const lacking: Readonly<Record<string, readonly string[]>> = { xatglu: ['Atan(float32)'] };

describe('CUDA has a kernel for every operator', () => {
  // The widths, layers and contexts of the benchmark's models change no operator.
  test.each(feedForwardKindNames)('of a training step with %s', async (kind) => {
    const model = tinyModel({ feedForward: { kind } });
    const { training } = parseConfig({ training: { steps: 2, schedule: { name: 'constant' } } });
    const learner = new Learner(model, training, compile);
    for (const step of [1, 2]) await learner.trainStep.run(step, [batchRows(model, 0, 2)]);
    learner.dispose();
    expect(operators.size).toBeGreaterThan(20);
    expect(withoutKernel()).toEqual(lacking[kind] ?? []);
  });

  test('of generation', async () => {
    const generator = new TokenGenerator(tinyModel(), { compile });
    const tokens: unknown[] = [];
    for await (const token of generator.generate([[1, 2]], { maximumTokens: 3, temperature: 0, seed: 1 }))
      tokens.push(token);
    generator.dispose();
    expect(tokens.length).toBe(3);
    expect(operators.size).toBeGreaterThan(5);
    expect(withoutKernel()).toEqual([]);
  });

  test('of a convolutional network that learns', () => {
    const filter = tf.variable(tf.randomNormal([3, 3, 2, 4], 0, 1, 'float32', 1));
    const dense = tf.variable(tf.randomNormal([64, 3], 0, 1, 'float32', 2));
    const step = compile((images: tf.Tensor4D, labels: tf.Tensor2D) => {
      const { value, grads } = tf.variableGrads(() => {
        const features = tf.maxPool(tf.relu(tf.conv2d(images, filter as tf.Tensor4D, 1, 'same')), 2, 2, 'same');
        const logits = tf.matMul(tf.reshape(features, [-1, 64]), dense as tf.Tensor2D);
        return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), labels), 1))) as tf.Scalar;
      });
      for (const variable of [filter, dense]) variable.assign(tf.sub(variable, tf.mul(grads[variable.name]!, 0.1)));
      return value;
    });
    step(tf.randomNormal([2, 8, 8, 2]), tf.eye(2, 3) as tf.Tensor2D).dataSync();
    expect(operators.size).toBeGreaterThan(10);
    expect(withoutKernel()).toEqual([]);
  });
});
