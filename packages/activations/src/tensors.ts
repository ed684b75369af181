import { engine, matMul, mul, reshape, sum, type Tensor, zerosLike } from '@tensorflow/tfjs-core';

/** Whether a gradient is being recorded at this moment: inside a gradient function, whether it will itself be differentiated. */
export function isRecording(): boolean {
  return engine().state.gradientDepth > 0;
}

/**
 * The gradient of a parameter that multiplies `factor`: the sum of upstream * factor over every element that shares
 * the parameter. Zeros when the parameter takes no gradient.
 *
 * For a scalar parameter it is a dot product, written as one small matrix product per row: it makes no full-size product,
 * splits over threads, and sums short rows first, which keeps float32 exact enough.
 *
 * @param parameter scalar, or one value per channel
 * @returns a tensor of the parameter's shape
 */
export function parameterGradient(parameter: Tensor, needed: boolean, upstream: Tensor, factor: Tensor): Tensor {
  if (!needed) return zerosLike(parameter);
  if (parameter.rank === 1) return sumPerChannel(parameter, mul(upstream, factor));
  const [rows, columns] = rowsAndColumns(upstream);
  const products = matMul(reshape(upstream, [rows, 1, columns]), reshape(factor, [rows, columns, 1]));
  return reshape(sum(products), parameter.shape);
}

/** The gradient of a parameter that is added: the sum of upstream over every element that shares it. */
export function offsetGradient(parameter: Tensor, needed: boolean, upstream: Tensor): Tensor {
  if (!needed) return zerosLike(parameter);
  return parameter.rank === 1 ? sumPerChannel(parameter, upstream) : reshape(sum(upstream), parameter.shape);
}

function sumPerChannel(parameter: Tensor, contributions: Tensor): Tensor {
  const [rows, columns] = rowsAndColumns(contributions);
  return reshape(sum(reshape(contributions, [rows, columns]), 0), parameter.shape);
}

function rowsAndColumns(x: Tensor): [number, number] {
  const columns = x.shape.at(-1) ?? 1;
  return [columns === 0 ? 0 : x.size / columns, columns];
}
