import { z } from 'zod';
import type { Activation, ActivationContext } from '../activation.ts';
import { InputError } from '../errors.ts';

/** What is known of an activation, for people and for tools that list them. */
export interface ActivationDocumentation {
  readonly title: string;
  /** Plain text; s is the logistic sigmoid. */
  readonly formula: string;
  /** Where the formula comes from. */
  readonly source: string;
  /** Meaning, constraint and start value of each trainable parameter. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether the second derivative exists and is continuous everywhere (for trainable ones: at the start values). */
  readonly smooth: boolean;
  readonly note?: string;
}

export interface RegistryEntry extends ActivationDocumentation {
  readonly name: string;
  /** The options it takes. */
  readonly options: readonly string[];
  /** @throws InputError naming the activation, the option and the allowed values */
  create(options: unknown, context: ActivationContext): Activation;
}

/** Options that every trainable activation takes. */
export const parameterOptions = {
  scope: z.enum(['layer', 'channel']).optional(),
  frozen: z.boolean().optional(),
  learningRateMultiplier: z.number().optional(),
};

/** Start values of parameters by name, and the options that every trainable activation takes. */
export function starts<Name extends string>(...names: Name[]) {
  const shape = Object.fromEntries(names.map((name) => [name, z.number().optional()]));
  return { ...(shape as Record<Name, z.ZodOptional<z.ZodNumber>>), ...parameterOptions };
}

export function entry<Shape extends z.ZodRawShape>(
  name: string,
  documentation: ActivationDocumentation,
  shape: Shape,
  create: (options: z.output<z.ZodObject<Shape, z.core.$strict>>, context: ActivationContext) => Activation,
): RegistryEntry {
  const schema = z.strictObject(shape);
  const options = Object.keys(shape);
  return {
    ...documentation,
    name,
    options,
    create(given, context) {
      const parsed = schema.safeParse(given ?? {});
      if (!parsed.success) throw new InputError(`${name}: ${explain(parsed.error, given, options)}`);
      return create(parsed.data, context);
    },
  };
}

function explain(error: z.ZodError, given: unknown, options: readonly string[]): string {
  const issue = error.issues[0]!;
  const allowedOptions = options.length === 0 ? 'it takes no options' : `it takes ${options.join(', ')}`;
  if (issue.code === 'unrecognized_keys') return `unknown option "${issue.keys.join('", "')}"; ${allowedOptions}`;
  const option = issue.path.join('.');
  if (option === '') return `options must be an object; ${allowedOptions}`;
  const value = JSON.stringify((given as Record<string, unknown>)[String(issue.path[0])]);
  return `${option} is ${value}; it must be ${allowed(issue)}`;
}

function allowed(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type') return `a ${issue.expected}`;
  return issue.message;
}
