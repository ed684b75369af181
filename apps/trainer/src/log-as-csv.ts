import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { holdsRun, readRunFolder } from '@dynact/runs';
import { type LongRow, longRows, parseRunFolderName } from '@dynact/runs/records';

const head = ['variant', 'seed', 'step', 'tokens', 'elapsedMs', 'split', 'metric', 'value'];

/**
 * Every number that a run, or all runs of a comparison, have logged, in the long form.
 * @throws InputError where the folder is neither
 */
export function logAsCsv(folder: string): string {
  const runs = runsOf(folder).map((directory) => {
    const reader = readRunFolder(directory);
    const { seed } = reader.config.config;
    const name = basename(directory);
    const variant = parseRunFolderName(name)?.variant ?? name;
    return longRows(reader.records()).map((row) => line(variant, seed, row));
  });
  return `${[head.join(','), ...runs.flat()].join('\n')}\n`;
}

/** The run folders of a comparison, in the order of variants and seeds; the folder itself where it is a run. */
function runsOf(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const runs = names.filter((name) => parseRunFolderName(name) !== undefined && holdsRun(join(folder, name)));
  const ordered = runs.sort(new Intl.Collator('en', { numeric: true }).compare);
  return ordered.length === 0 ? [folder] : ordered.map((name) => join(folder, name));
}

function line(variant: string, seed: unknown, { step, tokens, elapsedMs, split, metric, value }: LongRow): string {
  return [variant, seed, step, tokens, elapsedMs, split, metric, value].map(cell).join(',');
}

function cell(value: unknown): string {
  const text = String(value ?? '');
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
