import { type ActivationCreator, activationNames, gatedBlocks, registerActivation } from '@dynact/activations/registry';
import { InputError } from '@dynact/files/input-error';
import {
  addFeedForward,
  type FeedForwardDefinition,
  type NamedActivation,
  ownFeedForward,
  ownFeedForwardNames,
} from './own-feed-forward.ts';

/** Matrices around an activation. */
export interface FeedForwardKind {
  /** Whether a second matrix carries the value that the activation gates. */
  readonly gated: boolean;
  readonly activation: NamedActivation;
}

/** A block of `defineFeedForward`, by its name. */
export interface OwnFeedForwardKind {
  readonly own: string;
}

type GatedKindName = keyof typeof gatedBlocks;
type FeedForwardKindName = 'mlp' | GatedKindName;

/**
 * Every kind of feed-forward block with a name of its own: the plain one, and the gated ones of @dynact/activations, which are
 * GLU variants (Shazeer, arXiv 2002.05202) around an activation. dynactglu is our reading of the gate of arXiv 2603.22154:
 * dynActivation(x W_gate) * x W_up, base SiLU, alpha 1, beta 0, so that it starts equal to swiglu.
 */
export const feedForwardKinds: Readonly<Record<FeedForwardKindName, FeedForwardKind>> = {
  mlp: { gated: false, activation: { name: 'gelu' } },
  ...(Object.fromEntries(
    Object.entries(gatedBlocks).map(([kind, name]) => [kind, { gated: true, activation: { name } }]),
  ) as Record<GatedKindName, FeedForwardKind>),
};

export const feedForwardKindNames = Object.keys(feedForwardKinds) as [FeedForwardKindName, ...FeedForwardKindName[]];

/** Begins the kind of a plain block around an activation: `mlp.mish`. No name of an activation has a dot. */
const plain = 'mlp.';

/**
 * The block that a name stands for: one of `feedForwardKinds`, one of `defineFeedForward`, or a registered activation, `mish` as
 * a gate and `mlp.mish` as the activation of a plain block. Undefined where it stands for none.
 */
export function feedForwardKind(name: string): FeedForwardKind | OwnFeedForwardKind | undefined {
  const named = (Object.keys(feedForwardKinds) as FeedForwardKindName[]).find((kind) => kind === name);
  if (named !== undefined) return feedForwardKinds[named];
  if (ownFeedForward(name) !== undefined) return { own: name };
  const gated = !name.startsWith(plain);
  const activation = gated ? name : name.slice(plain.length);
  return activationNames().includes(activation) ? { gated, activation: { name: activation } } : undefined;
}

/** The names to choose from, for people. */
export function describeFeedForwardKinds(): string {
  const named = [...feedForwardKindNames, ...ownFeedForwardNames()].join(', ');
  return `${named}, an activation as a gate (mish) or in a plain block (mlp.mish), or what a --plugin defines`;
}

/**
 * Gives activations and blocks of a user's own their names, so that configurations can use them: all, or none where one is taken.
 * @throws InputError naming the first name that another activation or block has
 */
export function registerOwn(
  activations: readonly ActivationCreator[],
  feedForwards: readonly FeedForwardDefinition[],
): void {
  const names = [
    ...activations.map(({ definition }) => definition.documentation.name),
    ...feedForwards.map(({ name }) => name),
  ];
  const taken = names.find((name, index) => feedForwardKind(name) !== undefined || names.indexOf(name) !== index);
  if (taken !== undefined) throw new InputError('configuration', `"${taken}": the name is taken; choose another one`);
  for (const activation of activations) registerActivation(activation);
  for (const feedForward of feedForwards) addFeedForward(feedForward);
}
