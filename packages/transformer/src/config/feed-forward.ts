import { InputError as ActivationInputError, createActivation } from '@dynact/activations/registry';
import { InputError } from '@dynact/files/input-error';
import {
  describeFeedForwardKinds,
  type FeedForwardKind,
  feedForwardKind,
  type OwnFeedForwardKind,
} from './feed-forward-kinds.ts';
import type { NamedActivation } from './own-feed-forward.ts';
import type { ModelConfig } from './schema.ts';

/** The feed-forward block of one layer, with nothing left to default. */
export type ResolvedFeedForward = (FeedForwardKind | OwnFeedForwardKind) & {
  /** Features between the matrices, on which the activation works. */
  readonly hiddenWidth: number;
};

/** @throws InputError naming the path of the field that is wrong */
export function resolveFeedForwards({ layers, width, feedForward }: ModelConfig): ResolvedFeedForward[] {
  const { perLayer, hiddenWidth = defaultHiddenWidth(width) } = feedForward;
  if (hiddenWidth % 2 !== 0) {
    throw new InputError(
      'configuration',
      `model.feedForward.hiddenWidth: ${hiddenWidth} is odd; mlp gets 3/2 of it, so choose an even number`,
    );
  }
  if (perLayer !== undefined && perLayer.length !== layers) {
    throw new InputError(
      'configuration',
      `model.feedForward.perLayer: ${perLayer.length} entries for ${layers} layers; give one a layer`,
    );
  }
  return Array.from({ length: layers }, (_, layer) => {
    const override = perLayer?.[layer];
    const name = override?.kind ?? feedForward.kind;
    // Another kind in one layer brings its own activation: the block's setting is about the block's kind.
    const shared = override?.kind === undefined ? feedForward.activation : undefined;
    const activation = override?.activation ?? shared;
    const kind = feedForwardKind(name);
    if (kind === undefined) throw unknownKind(name);
    if ('own' in kind) {
      if (activation === undefined) return { ...kind, hiddenWidth };
      throw new InputError('configuration', `model.feedForward.activation: ${name} has its own; leave this out`);
    }
    const { gated } = kind;
    // With 3/2 of the width a plain block of two matrices has the parameters of a gated one of three.
    const ofLayer = gated ? hiddenWidth : (3 * hiddenWidth) / 2;
    return { gated, hiddenWidth: ofLayer, activation: resolveActivation(activation ?? kind.activation, ofLayer) };
  });
}

function unknownKind(name: string): InputError {
  const message = `there is no block "${name}"; use ${describeFeedForwardKinds()}`;
  return new InputError('configuration', `model.feedForward.kind: ${message}`);
}

/**
 * The hidden width that gives a gated block (three matrices) the parameters of a plain one (two matrices) four times as
 * wide: 2/3 x 4 x width (Shazeer, arXiv 2002.05202), rounded to a multiple of 16, which matrix kernels like.
 */
function defaultHiddenWidth(width: number): number {
  return Math.max(16, Math.round((8 * width) / 48) * 16);
}

/** Every option of the activation; unknown ones and their wrong values are found now, not when the model is made. */
function resolveActivation({ name, ...options }: NamedActivation, channels: number): NamedActivation {
  try {
    return { name, ...createActivation(name, options, { channels }).options };
  } catch (error) {
    if (!(error instanceof ActivationInputError)) throw error;
    throw new InputError('configuration', `model.feedForward.activation: ${error.message}`);
  }
}
