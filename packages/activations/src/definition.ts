import {
  type Activation,
  type ActivationContext,
  makeActivation,
  type ParameterDefinition,
  type ParameterDefinitions,
  type ParameterOptions,
} from './activation.ts';
import { checkOptions, type OptionKinds, type OptionValues } from './options.ts';
import type { Forward, Rule } from './rule.ts';

/** An activation for people, and for tools that list them. */
export interface ActivationDocumentation {
  readonly name: string;
  readonly title: string;
  /** Plain text; s is the logistic sigmoid. */
  readonly formula: string;
  /** Where the formula comes from. */
  readonly source: string;
  /** Whether the second derivative exists and is continuous everywhere (for trainable ones: at the initial values). */
  readonly smooth: boolean;
  readonly note?: string;
  /** Meaning, bound and initial value of each trainable parameter, under the default options. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Names of the options it takes. */
  readonly options: readonly string[];
  /** Call of the plain function, where it is not the name in camel case, with x and the parameters. */
  readonly call?: string;
  /** Options of a second curve on its page, which shows what the parameters do. */
  readonly moved?: Readonly<Record<string, unknown>>;
  /** Options that stand for drawn initial values in pictures. */
  readonly drawn?: Readonly<Record<string, unknown>>;
}

/** Makes an activation of its options, and carries what the registry knows of it. */
export interface ActivationCreator<Options extends object = never> {
  /** @throws InputError naming the activation, the option and the allowed values */
  (options?: Options, context?: ActivationContext): Activation;
  readonly definition: {
    readonly documentation: ActivationDocumentation;
    create(options: unknown, context: ActivationContext): Activation;
  };
}

/** The options of a creator: `CreatorOptions<typeof createPrelu>`. */
export type CreatorOptions<Creator> = Creator extends ActivationCreator<infer Options> ? Options : never;

/** Options of an activation: initial values by the names of its parameters, and those that every trainable one takes. */
export type TrainableOptions<Initial extends string, Kinds = unknown> = ParameterOptions &
  OptionValues<Record<Initial, 'number'>> &
  OptionValues<Kinds>;

interface Resolved {
  readonly rule: Rule | Forward;
  /** In place of the definition's, where they depend on options. */
  readonly parameters?: ParameterDefinitions;
  /** Options to record, with their defaults. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface TrainableDefinition<Initial extends string, Kinds extends OptionKinds>
  extends Omit<ActivationDocumentation, 'parameters' | 'options'> {
  /** In the order in which the rule takes them. Each is an option too: its initial value. */
  readonly parameters?: Readonly<Record<Initial, ParameterDefinition>>;
  /** Further options. */
  readonly options?: Kinds;
  /** Function and gradient; a function of the further options where they change it or the parameters. */
  readonly rule: Rule | Forward | ((options: OptionValues<Kinds>) => Resolved);
}

const parameterOptions = (names: readonly string[]): OptionKinds => ({
  ...{ scope: ['layer', 'channel'], frozen: { someOf: names }, learningRateMultiplier: 'number' },
});

/**
 * Everything that there is of one activation: what the registry, the pages and the layers know of it, and the function
 * that makes it. One without parameters is fixed.
 */
export function defineTrainable<Initial extends string = never, const Kinds extends OptionKinds = Record<never, never>>(
  definition: TrainableDefinition<Initial, Kinds>,
): ActivationCreator<TrainableOptions<Initial, Kinds>> {
  const { parameters: named, options: further, rule, ...text } = definition;
  const own: ParameterDefinitions = named ?? {};
  const resolve = (options: Readonly<Record<string, unknown>>): Resolved =>
    typeof rule === 'function' ? rule(options as OptionValues<Kinds>) : { rule };
  const standard = resolve({}).parameters ?? own;
  const kinds: OptionKinds = {
    ...further,
    ...Object.fromEntries(Object.keys(own).map((name) => [name, 'number'])),
    ...(Object.keys(standard).length === 0 ? {} : parameterOptions(Object.keys(standard))),
  };

  const create = (given: unknown, context: ActivationContext): Activation => {
    const options = checkOptions(text.name, kinds, given);
    const resolved = resolve(options);
    const parameters =
      resolved.parameters ?? mapValues(own, (parameter, name) => withInitial(parameter, options[name]));
    const recorded = Object.entries(parameters).filter(
      ([name, { initial }]) => Object.hasOwn(kinds, name) && typeof initial === 'number',
    );
    const initials = Object.fromEntries(recorded.map(([name, { initial }]) => [name, initial]));
    const activation = {
      name: text.name,
      rule: resolved.rule,
      parameters,
      options: { ...resolved.options, ...initials },
    };
    return makeActivation(activation, options, context);
  };
  const documentation = { ...text, parameters: mapValues(standard, explain), options: Object.keys(kinds) };
  const creator = (options?: TrainableOptions<Initial, Kinds>, context: ActivationContext = {}) =>
    create(options, context);
  return Object.assign(creator, { definition: { documentation, create } });
}

function withInitial(parameter: ParameterDefinition, initial: unknown): ParameterDefinition {
  return typeof initial === 'number' ? { ...parameter, initial } : parameter;
}

function explain({ meaning, above, initial }: ParameterDefinition): string {
  const bound = above === undefined ? undefined : `> ${above} by softplus`;
  const first = typeof initial === 'number' ? `initially ${Number(initial.toPrecision(4))}` : undefined;
  return [meaning, bound, first].filter((part) => part !== undefined).join('; ');
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
