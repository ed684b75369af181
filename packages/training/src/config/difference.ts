import { isObject } from '@dynact/runs/records';

/** A setting that two configurations have differently. */
export interface Difference {
  /** With dots. */
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
}

/** The first setting that differs between two values of JSON; undefined where they are equal. */
export function firstDifference(before: unknown, now: unknown, path = ''): Difference | undefined {
  if (!isObject(before) || !isObject(now)) {
    return JSON.stringify(before) === JSON.stringify(now) ? undefined : { path, before, now };
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const found = firstDifference(before[key], now[key], path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
