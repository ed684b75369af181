import * as tf from '@tensorflow/tfjs-core';

/** Every kind of optimizer that TensorFlow.js has, by its learning rate. */
export const optimizers: Readonly<Record<string, (learningRate: number) => tf.Optimizer>> = {
  sgd: (learningRate) => tf.train.sgd(learningRate),
  momentum: (learningRate) => tf.train.momentum(learningRate, 0.9),
  adagrad: (learningRate) => tf.train.adagrad(learningRate),
  rmsprop: (learningRate) => tf.train.rmsprop(learningRate),
  adam: (learningRate) => tf.train.adam(learningRate),
  adamax: (learningRate) => tf.train.adamax(learningRate),
};
