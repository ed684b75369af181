import leven from 'leven';
import { z } from 'zod';
import { InputError } from '../input-error.ts';
import { type Config, configSchema } from './schema.ts';

/**
 * Checks a configuration and fills in its defaults.
 * @param source names where it came from, for the error
 * @throws InputError with the path of the first wrong field; for an unknown key, the nearest known one
 */
export function parseConfig(value: unknown, source = 'config'): Config {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  // The first issue is the outermost one; the rest often follow from it.
  throw new InputError(`${source}: ${describeIssue(parsed.error.issues[0] as z.core.$ZodIssue)}`);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    const known = knownKeys(configSchema, path);
    const nearest = known.toSorted((a, b) => leven(key, a) - leven(key, b))[0];
    const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"? (known: ${known.join(', ')})`;
    return `${[...path, key].join('.')}: unknown key${suggestion}`;
  }
  return `${path.join('.') || 'the whole'}: ${issue.message}`;
}

function knownKeys(schema: z.core.$ZodType, path: readonly string[]): string[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) {
    if (inner instanceof z.ZodArray && path.length > 0) return knownKeys(inner.element, path.slice(1));
    return [];
  }
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(inner.shape);
  const child = inner.shape[key];
  return child === undefined ? [] : knownKeys(child, rest);
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
  return schema;
}
