import { engine, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Everything of TensorFlow.js that the functions call: operations that each of its backends has. One module, so that a
 * bundle holds their names once; what only objects and the registry call stays out of it.
 */
export {
  abs,
  add,
  atan,
  clone,
  cos,
  customGrad,
  div,
  elu,
  engine,
  erf,
  exp,
  expm1,
  floor,
  getBackend,
  greaterEqual,
  leakyRelu,
  log1p,
  matMul,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  onesLike,
  relu,
  reshape,
  scalar,
  sigmoid as exactSigmoid,
  sign,
  sin,
  sqrt,
  square,
  step,
  sub,
  sum,
  tanh,
  tidy,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';

/*
 * Factors of a value, where only their absolute error counts: a backend that has a faster operator of that accuracy may take
 * it. Others pass over the attribute.
 */
const accuracy = 'absolute';

export function sigmoid(x: Tensor): Tensor {
  return engine().runKernel<Tensor>('Sigmoid', { x }, { accuracy });
}

export function softplus(x: Tensor): Tensor {
  return engine().runKernel<Tensor>('Softplus', { x }, { accuracy });
}
