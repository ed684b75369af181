import { InputError } from '@dynact/files/input-error';
import { isObject } from '@dynact/runs/records';
import leven from 'leven';
import { z } from 'zod';
import { configOptions } from './options.ts';
import { applyOverrides, type RawConfig } from './overrides.ts';
import { renamedKeyMessage, withNewKeys } from './renamed-keys.ts';
import { type Config, configSchema } from './schema.ts';

/** The key by which an editor finds the schema of a configuration file; it says nothing of the run. */
export const schemaKey = '$schema';
/** The key of a remark, at any level, since JSON has no comments; it says nothing of the run. */
export const commentKey = '$comment';

/**
 * Checks a configuration and fills in its defaults.
 * @param source names where it came from, for the error
 * @throws InputError with the path of the first wrong field; for an unknown key, the nearest known one, for an old one
 * its new name
 */
export function parseConfig(value: unknown, source = 'config'): Config {
  const renamed = renamedKeyMessage(value);
  if (renamed !== undefined) throw new InputError('configuration', `${source}: ${renamed}`);
  const plain = withoutComments(value);
  const { [schemaKey]: _, ...config } = isObject(plain) ? plain : {};
  const parsed = configSchema.safeParse(isObject(plain) ? config : plain);
  if (parsed.success) return parsed.data;
  // The first issue is the outermost one; the rest often follow from it.
  throw new InputError(
    'configuration',
    `${source}: ${describeIssue(parsed.error.issues[0] as z.core.$ZodIssue, value)}`,
  );
}

function withoutComments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutComments);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== commentKey);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutComments(inner)]));
}

/**
 * The name that errors of a configuration are to have: of the first `--set` argument that makes it wrong, else `source`.
 * @param base the configuration before the arguments
 */
export function sourceOfErrors(base: RawConfig, assignments: readonly string[], source: string): string {
  const isRight = (config: RawConfig) => {
    try {
      return parseConfig(config) !== undefined;
    } catch {
      return false;
    }
  };
  const wrong = isRight(base)
    ? assignments.find((_, index) => !isRight(applyOverrides(base, assignments.slice(0, index + 1))))
    : undefined;
  return wrong === undefined ? source : `--set ${wrong}`;
}

/**
 * Checks a configuration that a run folder recorded, perhaps by an earlier version, under the names of then.
 * @throws InputError as `parseConfig`
 */
export function parseRecordedConfig(value: unknown, source: string): Config {
  return parseConfig(withNewKeys(value), source);
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    const known = knownKeys(configSchema, path, value);
    const meant = meantKey(key, known);
    const suggestion = meant === undefined ? '' : `; did you mean "${meant}"? (known: ${known.join(', ')})`;
    return `${[...path, key].join('.')}: unknown key${suggestion}`;
  }
  const where = path.join('.') || 'the whole';
  const found = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
  if (issue.code === 'invalid_type' && found !== undefined)
    return `${where}: ${shown(found)} is not ${typeNames[issue.expected] ?? issue.expected}`;
  return `${where}: ${issue.message}`;
}

/** Types as people call them, by zod's names. */
const typeNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** A value as JSON has it, where it has it, and not too long. */
function shown(value: unknown): string {
  const text = typeof value === 'object' || typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The known key that an unknown one stands for: one like it, else one of its name in another place, else the nearest. */
function meantKey(key: string, known: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '');
  const distance = (name: string) => leven(plain(key), plain(name));
  const nearest = known.toSorted((a, b) => distance(a) - distance(b))[0];
  if (nearest !== undefined && distance(nearest) < Math.min(3, key.length / 2)) return nearest;
  const elsewhere = configOptions()
    .map((option) => option.path.replace(/\[.*?\]/g, ''))
    .filter((path) => plain(path.split('.').at(-1)!) === plain(key))
    .sort((a, b) => a.split('.').length - b.split('.').length);
  return elsewhere[0] ?? nearest;
}

/** The keys that the object at `path` may have. `value` says which member of a union it is. */
function knownKeys(schema: z.core.$ZodType, path: readonly string[], value: unknown): string[] {
  const inner = unwrap(schema);
  const [key, ...rest] = path;
  if (inner instanceof z.ZodDiscriminatedUnion) {
    const accepted = inner.options.find((option) => isOfMember(option, inner.def.discriminator, value));
    return knownKeys((accepted ?? inner.options[0]) as z.core.$ZodType, path, value);
  }
  const child = key === undefined ? undefined : (value as Record<string, unknown> | undefined)?.[key];
  if (inner instanceof z.ZodArray && key !== undefined) return knownKeys(inner.element, rest, child);
  if (!(inner instanceof z.ZodObject)) return [];
  if (key === undefined) return Object.keys(inner.shape);
  const field = inner.shape[key];
  return field === undefined ? [] : knownKeys(field, rest, child);
}

function isOfMember(option: z.core.$ZodType, discriminator: string, value: unknown): boolean {
  if (!(option instanceof z.ZodObject)) return false;
  const tag = (value as Record<string, unknown> | undefined)?.[discriminator];
  return option.shape[discriminator].safeParse(tag).success;
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  ) {
    return unwrap(schema.def.innerType);
  }
  if (schema instanceof z.ZodPipe) return unwrap(schema.def.out);
  return schema;
}
