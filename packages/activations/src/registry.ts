/** Activations by name, with options checked by zod: for configuration files and command lines. */
import type { Activation, ActivationContext } from './activation.ts';
import { InputError } from './errors.ts';
import { OwnedActivation, type SerialisedActivation } from './owned.ts';
import { composedEntries } from './registry/composed.ts';
import { type Curve, type CurveRange, sampleCurve } from './registry/curve.ts';
import type { ActivationDocumentation, RegistryEntry } from './registry/entry.ts';
import { fixedEntries } from './registry/fixed.ts';
import { gatedEntries } from './registry/gated.ts';
import { piecewiseEntries } from './registry/piecewise.ts';

export type { Activation, ActivationContext, ActivationParameter } from './activation.ts';
export { InputError } from './errors.ts';
export { OwnedActivation, type OwnedParameter, type SerialisedActivation } from './owned.ts';
export type { Curve, CurveRange } from './registry/curve.ts';
export type { ActivationDocumentation } from './registry/entry.ts';

const entries: ReadonlyMap<string, RegistryEntry> = new Map(
  [...gatedEntries, ...piecewiseEntries, ...composedEntries, ...fixedEntries].map((entry) => [entry.name, entry]),
);

/** Every registered name, trainable ones first. */
export function activationNames(): readonly string[] {
  return [...entries.keys()];
}

/**
 * Makes the activation of this name.
 *
 * @param options checked; undefined takes every default
 * @param context the number of channels, needed for options.scope 'channel'
 * @throws InputError naming the activation, the option and what is allowed
 */
export function createActivation(name: string, options?: unknown, context: ActivationContext = {}): Activation {
  return find(name).create(options, context);
}

/**
 * Makes an owned activation of what `OwnedActivation.serialise` gave.
 *
 * @throws InputError when it does not fit the registry or its own options
 */
export function restoreActivation({ name, options, parameters }: SerialisedActivation): OwnedActivation {
  const channels = Object.values(parameters)[0]?.length;
  return new OwnedActivation(createActivation(name, options, { channels }), { parameters });
}

/**
 * Value and derivative samples for plotting, at the start values that the options give. Parameters count per layer
 * here, whatever options.scope says. Runs on the current TensorFlow.js backend.
 *
 * @throws InputError for an unknown name, a wrong option or an empty range
 */
export async function curve(name: string, options: object = {}, range: CurveRange = {}): Promise<Curve> {
  const { scope: _, ...perLayer } = options as { scope?: unknown };
  return sampleCurve(createActivation(name, perLayer), range);
}

/** Formula, source, parameters and options of an activation. */
export function activationDocumentation(
  name: string,
): ActivationDocumentation & { readonly name: string; readonly options: readonly string[] } {
  const { create: _, ...documentation } = find(name);
  return documentation;
}

/** The gated feed-forward blocks, and the activation that each puts on its gate. */
export const gatedBlocks = {
  glu: 'sigmoid',
  bilinear: 'identity',
  reglu: 'relu',
  relu2glu: 'relu2',
  geglu: 'gelu',
  swiglu: 'silu',
  dynactglu: 'dynactivation',
  apaluglu: 'apalu',
  xswiglu: 'xsilu',
  xgeglu: 'xgelu',
  xatglu: 'xatlu',
} as const satisfies Record<string, string>;

function find(name: string): RegistryEntry {
  const entry = entries.get(name);
  if (entry === undefined) {
    throw new InputError(`unknown activation "${name}"; use one of ${activationNames().join(', ')}`);
  }
  return entry;
}
