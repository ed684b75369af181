import type { Tensor } from '@tensorflow/tfjs-core';
import { engine, matMul, mul, reshape, sum, zerosLike } from './operations.ts';

/** Whether a gradient is being recorded at this moment: inside a gradient function, whether it will itself be differentiated. */
export function isRecording(): boolean {
  return engine().state.gradientDepth > 0;
}

/**
 * The gradient of a parameter that multiplies `factor`: the sum of upstream * factor over every element that shares
 * the parameter. Zeros when the parameter takes no gradient.
 *
 * For a scalar parameter it is a dot product, written as one small matrix product per block of rows: it makes no
 * full-size product, splits over threads, and sums blocks first, which keeps float32 exact enough.
 *
 * @param parameter scalar, or one value per channel
 * @returns a tensor of the parameter's shape
 */
export function parameterGradient(parameter: Tensor, needed: boolean, upstream: Tensor, factor: Tensor): Tensor {
  if (!needed) return zerosLike(parameter);
  if (parameter.rank === 1) return sumPerChannel(parameter, mul(upstream, factor));
  const blocks = rowBlocks(upstream);
  const byBlock = [blocks, 1, blocks === 0 ? 0 : upstream.size / blocks];
  // The second factor is transposed by the product itself: ONNX Runtime multiplies rows by rows six times as fast as
  // rows by columns here.
  const products = matMul(reshape(upstream, byBlock), reshape(factor, byBlock), false, true);
  return reshape(sum(products), parameter.shape);
}

/** Into how many blocks of whole rows a sum over every element is split: the largest divisor of the rows up to 64. */
function rowBlocks(x: Tensor): number {
  const [rows] = rowsAndColumns(x);
  let blocks = Math.min(rows, 64);
  while (blocks > 1 && rows % blocks !== 0) blocks--;
  return blocks;
}

/**
 * The gradient of a parameter from what every element contributes to it: their sum over the elements that share it. For a
 * parameter that is added, the contributions are the upstream gradient itself. A scalar's sum goes block by block of rows, as
 * `parameterGradient`'s does.
 *
 * @param parameter scalar, or one value per channel
 * @returns a tensor of the parameter's shape
 */
export function summedGradient(parameter: Tensor, needed: boolean, contributions: Tensor): Tensor {
  if (!needed) return zerosLike(parameter);
  if (parameter.rank === 1) return sumPerChannel(parameter, contributions);
  const blocks = rowBlocks(contributions);
  const byBlock = [blocks, blocks === 0 ? 0 : contributions.size / blocks];
  return reshape(sum(sum(reshape(contributions, byBlock), 1)), parameter.shape);
}

function sumPerChannel(parameter: Tensor, contributions: Tensor): Tensor {
  const [rows, columns] = rowsAndColumns(contributions);
  return reshape(sum(reshape(contributions, [rows, columns]), 0), parameter.shape);
}

function rowsAndColumns(x: Tensor): [number, number] {
  const columns = x.shape.at(-1) ?? 1;
  return [columns === 0 ? 0 : x.size / columns, columns];
}
