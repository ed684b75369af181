import { InputError } from '@dynact/files/input-error';
import { isObject } from '@dynact/runs/records';

/** A configuration before it is checked. */
export type RawConfig = Record<string, unknown>;

/** Lays `override` over `base`, object by object; lists and plain values are replaced whole. Neither is changed. */
export function mergeConfig(base: RawConfig, override: RawConfig): RawConfig {
  const merged: RawConfig = { ...base };
  for (const [key, value] of Object.entries(override)) {
    const previous = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isObject(previous) && isObject(value) ? mergeConfig(previous, value) : value;
  }
  return merged;
}

/**
 * Applies `--set` arguments such as `model.width=256`. A value is JSON where it parses as such, else a string.
 * @throws InputError for an argument without `=` or with an empty key
 */
export function applyOverrides(base: RawConfig, assignments: readonly string[]): RawConfig {
  return assignments.reduce((config, assignment) => mergeConfig(config, parseAssignment(assignment)), base);
}

function parseAssignment(assignment: string): RawConfig {
  const separator = assignment.indexOf('=');
  const path = assignment.slice(0, Math.max(separator, 0)).split('.');
  if (separator < 0 || path.some((key) => key === '')) {
    throw new InputError('configuration', `--set ${assignment}: write it as key.path=value, such as model.width=256`);
  }
  const value = parseValue(assignment.slice(separator + 1));
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as RawConfig;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
