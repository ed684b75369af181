import { InputError } from '@dynact/files/input-error';
import { constantParameter, linear, type Parameter } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { OwnFeedForwardKind } from '../config/feed-forward-kinds.ts';
import { type FeedForwardParts, ownFeedForward, type RowsToRows } from '../config/own-feed-forward.ts';
import type { ResolvedModelConfig } from '../config/resolve.ts';
import { type BlockActivation, blockActivation } from './activation.ts';
import type { FeedForward } from './feed-forward.ts';

/**
 * A block of `defineFeedForward` in one layer.
 * @throws InputError where it throws, names two parts alike or gives no function; when applied, where it throws or gives another shape
 */
export function ownBlock(
  name: string,
  { width, bias, initialization }: ResolvedModelConfig,
  { own, hiddenWidth }: OwnFeedForwardKind & { readonly hiddenWidth: number },
): FeedForward {
  const { standardDeviation, residualStandardDeviation } = initialization;
  const parameters: Parameter[] = [];
  const activations = new Map<string, BlockActivation>();
  const owned = <Part extends { readonly parameters: readonly Parameter[] }>(part: Part): Part => {
    parameters.push(...part.parameters);
    return part;
  };
  const parts: FeedForwardParts = {
    width,
    hiddenWidth,
    linear: (part, outputs, inputs = width) =>
      owned(linear(`${name}.${part}`, { inputs, outputs, standardDeviation, bias })).apply,
    output: (part, inputs) =>
      owned(linear(`${name}.${part}`, { inputs, outputs: width, standardDeviation: residualStandardDeviation, bias }))
        .apply,
    activation(part, activation, channels = hiddenWidth) {
      const made = owned(blockActivation(`${name}.${part}`, activation, channels));
      activations.set(part, made);
      return made;
    },
    parameter(part, shape, initial) {
      const parameter = constantParameter(`${name}.${part}`, shape, 'activation', initial);
      parameters.push(parameter);
      return () => parameter.variable;
    },
  };
  const run = tried(own, () => ownFeedForward(own)!.block(parts));
  if (typeof run !== 'function') throw wrong(`${own}: block gives ${typeof run}; it must give a function of x`);
  const twice = parameters.find((parameter, index) => parameters.findIndex((p) => p.name === parameter.name) !== index);
  if (twice !== undefined) throw wrong(`${own}: ${twice.name.slice(name.length + 1)} is made twice; name each part`);

  return {
    parameters,
    apply: (x) =>
      ofShape(
        own,
        x,
        tried(own, () => run(x)),
      ),
    activationValues: () =>
      Object.fromEntries(
        [...activations].flatMap(([part, { values }]) =>
          Object.entries(values()).map(([parameter, value]) => [`${part}.${parameter}`, value]),
        ),
      ),
  };
}

function tried<Result>(name: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    const [message] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    throw wrong(`${name}: block throws: ${message}`, error);
  }
}

/** Rows that the residual stream can take; what was handed through is copied, since who gets it may dispose of it. */
function ofShape(name: string, x: tf.Tensor2D, result: ReturnType<RowsToRows>): tf.Tensor2D {
  const given = result instanceof tf.Tensor ? `${result.dtype} [${result.shape}]` : 'no tensor';
  const wanted = `float32 [${x.shape}]`;
  if (given !== wanted) throw wrong(`${name}: block gives ${given}; it must give ${wanted}, as x is`);
  return result === x ? tf.clone(x) : result;
}

function wrong(message: string, cause?: unknown): InputError {
  return new InputError('configuration', message, cause === undefined ? {} : { cause });
}
