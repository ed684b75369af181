import { gatedBlocks } from '@dynact/activations/registry';

/** An activation by name, with its options beside the name. */
export interface NamedActivation {
  readonly name: string;
  readonly [option: string]: unknown;
}

export interface FeedForwardKind {
  /** Whether a second matrix carries the value that the activation gates. */
  readonly gated: boolean;
  readonly activation: NamedActivation;
}

type GatedKindName = keyof typeof gatedBlocks;
export type FeedForwardKindName = 'mlp' | GatedKindName;

/**
 * Every kind of feed-forward block: the plain one, and the gated ones of @dynact/activations, which are GLU variants
 * (Shazeer, arXiv 2002.05202) around an activation. dynactglu is our reading of the gate of arXiv 2603.22154:
 * dynActivation(x W_gate) * x W_up, base SiLU, alpha 1, beta 0, so that it starts equal to swiglu.
 */
export const feedForwardKinds: Readonly<Record<FeedForwardKindName, FeedForwardKind>> = {
  mlp: { gated: false, activation: { name: 'gelu' } },
  ...(Object.fromEntries(
    Object.entries(gatedBlocks).map(([kind, name]) => [kind, { gated: true, activation: { name } }]),
  ) as Record<GatedKindName, FeedForwardKind>),
};

export const feedForwardKindNames = Object.keys(feedForwardKinds) as [FeedForwardKindName, ...FeedForwardKindName[]];
