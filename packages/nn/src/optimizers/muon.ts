import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { adam, adamFields } from './adam.ts';
import { chain, partition } from './chain.ts';
import { decayRate, defineOptimizer, optimizerFields } from './define-optimizer.ts';
import { type GradientTransform, rule } from './gradient-transform.ts';
import { momentum } from './momentum.ts';

/** Coefficients of the quintic a x + b x^3 + c x^5 that brings singular values near 1 quickly (Jordan et al. 2024, "Muon"). */
const coefficients = { a: 3.4445, b: -4.775, c: 2.0315 } as const;
/** Below this norm a gradient counts as zero. */
const smallestNorm = 1e-7;

/**
 * Replaces a matrix by the nearest orthogonal one, roughly: `iterations` Newton-Schulz steps bring every singular value
 * near 1. Then 0.2 sqrt(the larger side) gives it the size of an Adam update, so that one learning rate
 * and one decay serve all parameters (Liu et al., arXiv 2502.16982, equation 4).
 */
export function orthogonalize({ iterations }: { iterations: number }): GradientTransform {
  return rule({
    update(matrix, _, { parameter }) {
      const [rows, columns] = parameter.shape as [number, number];
      // Products are taken on the smaller side.
      const isTall = rows > columns;
      const { a, b, c } = coefficients;
      let x = tf.div(matrix, tf.maximum(tf.sqrt(tf.sum(tf.square(matrix))), smallestNorm)) as tf.Tensor2D;
      for (let iteration = 0; iteration < iterations; iteration++) {
        const gram: tf.Tensor2D = tf.matMul(x, x, isTall, !isTall);
        const polynomial: tf.Tensor2D = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c));
        const correction = isTall ? tf.matMul(x, polynomial) : tf.matMul(polynomial, x);
        x = tf.add(tf.mul(x, a), correction);
      }
      return { update: x, factor: tf.scalar(0.2 * Math.sqrt(Math.max(rows, columns))), state: {} };
    },
  });
}

export const muon = defineOptimizer(
  optimizerFields('muon', 'Muon for matrices (arXiv 2502.16982), AdamW for all other parameters', 1e-3, {
    momentum: decayRate.default(0.95).describe('of the matrices, in Nesterov form'),
    iterations: z.number().int().positive().default(5).describe('Newton-Schulz steps of the orthogonalization'),
    ...adamFields,
  }),
  // Embeddings and the output matrix are tables of vectors, one a token, to which orthogonality means nothing.
  (config) =>
    partition((parameter) => (parameter.group === 'matrix' ? 'matrices' : 'others'), {
      matrices: chain(momentum({ momentum: config.momentum, nesterov: true }), orthogonalize(config)),
      others: adam(config),
    }),
);
