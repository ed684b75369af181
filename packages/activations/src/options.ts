import { InputError } from './errors.ts';

/** Kinds of options; a list of texts allows one of them, `someOf` any of them or a boolean for all. */
type OptionKind = 'number' | 'numbers' | 'boolean' | readonly string[] | { readonly someOf: readonly string[] };
export type OptionKinds = Readonly<Record<string, OptionKind>>;

type OptionValue<Kind> = Kind extends 'number'
  ? number
  : Kind extends 'numbers'
    ? readonly number[]
    : Kind extends 'boolean'
      ? boolean
      : Kind extends readonly (infer Text)[]
        ? Text
        : Kind extends { someOf: readonly (infer Text)[] }
          ? boolean | readonly Text[]
          : never;

export type OptionValues<Kinds> = { readonly [Name in keyof Kinds]?: OptionValue<Kinds[Name]> | undefined };

/**
 * Options as they stand in a configuration file, checked against what an activation takes.
 *
 * @param given undefined and null are no options
 * @throws InputError naming the activation, the option and what is allowed
 */
export function checkOptions(name: string, kinds: OptionKinds, given: unknown): Readonly<Record<string, unknown>> {
  const names = Object.keys(kinds);
  const takes = names.length === 0 ? 'it takes no options' : `it takes ${names.join(', ')}`;
  const options: unknown = given ?? {};
  if (!isRecord(options)) throw new InputError(`${name}: options must be an object; ${takes}`);
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, option)) throw new InputError(`${name}: unknown option "${option}"; ${takes}`);
    const kind = kinds[option]!;
    if (value === undefined || fits(kind, value)) continue;
    const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
    throw new InputError(`${name}: ${option} is ${shown}; it must be ${allowed(kind)}`);
  }
  return options;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && !Array.isArray(value);
}

function fits(kind: OptionKind, value: unknown): boolean {
  if (kind === 'number') return Number.isFinite(value);
  if (kind === 'numbers') return Array.isArray(value) && value.every(Number.isFinite);
  if (kind === 'boolean') return typeof value === 'boolean';
  if ('someOf' in kind)
    return typeof value === 'boolean' || (Array.isArray(value) && value.every((text) => kind.someOf.includes(text)));
  return kind.some((text) => text === value);
}

function allowed(kind: OptionKind): string {
  if (kind === 'number') return 'a finite number';
  if (kind === 'numbers') return 'a list of finite numbers';
  if (kind === 'boolean') return 'a boolean';
  return 'someOf' in kind ? `a boolean, or a list of ${kind.someOf.join(', ')}` : `one of ${kind.join(', ')}`;
}
