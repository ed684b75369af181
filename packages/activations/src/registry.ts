/** Activations by name, with their options checked: for configuration files and command lines. */
import type { Activation, ActivationContext } from './activation.ts';
import * as activations from './activations.ts';
import { type Curve, type CurveRange, sampleCurve } from './curve.ts';
import type { ActivationCreator, ActivationDocumentation } from './definition.ts';
import { InputError } from './errors.ts';
import { OwnedActivation, type SerializedActivation } from './owned.ts';

export type { Activation, ActivationContext, ActivationParameter } from './activation.ts';
export type { Curve, CurveRange } from './curve.ts';
export { type ActivationDefinition, defineActivation } from './define-activation.ts';
export type { ActivationCreator, ActivationDocumentation } from './definition.ts';
export { InputError } from './errors.ts';
export { OwnedActivation, type SerializedActivation } from './owned.ts';

type Definition = ActivationCreator['definition'];

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

const isFixed = ({ documentation }: Definition) => Object.keys(documentation.parameters).length === 0;
const definitions = new Map<string, Definition>(
  Object.values<unknown>(activations)
    .filter(isActivationCreator)
    .map(({ definition }) => [definition.documentation.name, definition] as const)
    // A module's exports come in another order from each bundler.
    .sort(([a, first], [b, second]) => Number(isFixed(first)) - Number(isFixed(second)) || (a < b ? -1 : 1)),
);

/** Whether a value, of a module say, is what `defineActivation` and `createDynActivation` are made as. */
export function isActivationCreator(value: unknown): value is ActivationCreator {
  return typeof value === 'function' && 'definition' in value;
}

/**
 * Gives what `defineActivation` returned its name here, so that configurations and layers can use it. Once more is no harm.
 *
 * @throws InputError when an activation or a gated block has the name already
 */
export function registerActivation({ definition }: ActivationCreator): void {
  const { name } = definition.documentation;
  if (definitions.get(name) === definition) return;
  if (definitions.has(name) || Object.hasOwn(gatedBlocks, name)) {
    throw new InputError(`activation "${name}": the name is taken; choose another one`);
  }
  definitions.set(name, definition);
}

/** Every registered name, trainable ones first, those of one's own last. */
export function activationNames(): readonly string[] {
  return [...definitions.keys()];
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
 * Makes an owned activation of what `OwnedActivation.serialize` gave.
 *
 * @throws InputError when it does not fit the registry or its own options
 */
export function restoreActivation({ name, options, parameters }: SerializedActivation): OwnedActivation {
  const channels = Object.values(parameters)[0]?.length;
  return new OwnedActivation(createActivation(name, options, { channels }), { parameters });
}

/**
 * Value and derivative samples for plotting, at the initial values that the options give. Parameters count per layer
 * here, whatever options.scope says. Runs on the current TensorFlow.js backend.
 *
 * @throws InputError for an unknown name, a wrong option or an empty range
 */
export async function curve(name: string, options: object = {}, range: CurveRange = {}): Promise<Curve> {
  const { scope: _, ...perLayer } = options as { scope?: unknown };
  return sampleCurve(createActivation(name, perLayer), range);
}

/** Formula, source, parameters and options of an activation. */
export function activationDocumentation(name: string): ActivationDocumentation {
  return find(name).documentation;
}

function find(name: string): Definition {
  const definition = definitions.get(name);
  if (definition === undefined) {
    throw new InputError(`unknown activation "${name}"; use one of ${activationNames().join(', ')}`);
  }
  return definition;
}
