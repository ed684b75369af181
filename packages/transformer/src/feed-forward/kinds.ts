/** A feed-forward block: whether a second matrix carries the value that the activation gates, and which activation. */
export interface FeedForwardKind {
  readonly gated: boolean;
  readonly activation: { readonly name: string; readonly [option: string]: unknown };
}

/**
 * Every kind of feed-forward block. The gated ones are GLU variants (Shazeer, arXiv 2002.05202) around an activation of
 * @dynact/activations; dynactglu is our reading of the gate of arXiv 2603.22154: dynActivation(x W_gate) * x W_up, base
 * SiLU, alpha 1, beta 0, so that it starts equal to swiglu.
 */
export const feedForwardKinds = {
  mlp: { gated: false, activation: { name: 'gelu' } },
  glu: { gated: true, activation: { name: 'sigmoid' } },
  bilinear: { gated: true, activation: { name: 'identity' } },
  reglu: { gated: true, activation: { name: 'relu' } },
  relu2glu: { gated: true, activation: { name: 'relu2' } },
  geglu: { gated: true, activation: { name: 'gelu' } },
  swiglu: { gated: true, activation: { name: 'silu' } },
  dynactglu: { gated: true, activation: { name: 'dynactivation' } },
  apaluglu: { gated: true, activation: { name: 'apalu' } },
} as const satisfies Record<string, FeedForwardKind>;

export type FeedForwardKindName = keyof typeof feedForwardKinds;

export const feedForwardKindNames = Object.keys(feedForwardKinds) as [FeedForwardKindName, ...FeedForwardKindName[]];
