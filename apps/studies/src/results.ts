import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { userPath } from '@dynact/command-line';
import { InputError, readJson, writeFileAtomic } from '@dynact/files';
import { configFile } from '@dynact/runs';
import { comparisonSchema } from '@dynact/runs/records';
import type { Command } from 'commander';
import { z } from 'zod';
import { figuresOf } from './figures.ts';
import { learnedParameterSchema, learnedParameters, learnedTable } from './learned-activations.ts';
import { studies } from './studies.ts';
import { isTuning } from './study.ts';

/** Where the kept comparisons and their pages lie. */
export const resultsFolder = resolve(dirname(fileURLToPath(import.meta.url)), '../../../results');

/** Facts that a kept comparison does not say of itself. */
const keptSchema = z.strictObject({
  study: z.enum(studies.map(({ name }) => name)),
  /** Command line that was typed. */
  command: z.string(),
  /** The day it ended. */
  date: z.iso.date(),
  machine: z.string(),
  /** Remark about this run alone, such as that it was cut short. */
  notes: z.array(z.string()).default([]),
  /** A variant, as config.json of a part's folder has it: how its runs go. */
  described: z.json(),
  comparisons: z.record(z.string(), comparisonSchema),
  /** Learned activation parameters, by the comparison's name. */
  learned: z.record(z.string(), z.array(learnedParameterSchema)).default({}),
});

/** `pnpm study results`: the pages anew, from what is kept; `--keep` takes the comparisons of a folder over first. */
export function resultsCommand(program: Command): void {
  program
    .command('results')
    .description('write results/*.md and their figures anew from the comparisons that are kept beside them')
    .option('--keep <study>', 'first take over the comparisons of a study')
    .option('--from <folder>', 'its folder')
    .option('--to <folder>', 'where comparisons are kept, and their pages', resultsFolder)
    .option('--page <name>', "the page's name, where the study has one already: with other data, say")
    .option('--command <text>', 'what was typed')
    .option('--date <yyyy-mm-dd>', 'the day it ended')
    .option('--machine <text>', 'where it ran')
    .option('--note <text>', 'something to be known; may be repeated', (text, all: string[]) => [...all, text], [])
    .action(async ({ keep, from, to, page: own, note, ...said }: ResultsArguments) => {
      const folder = userPath(to);
      if (keep !== undefined) keepComparisons(keep, from, folder, own ?? keep, { ...said, notes: note });
      else if (own !== undefined) throw new InputError('usage', '--page needs --keep, the study that is kept under it');
      for (const name of keptPages(folder)) {
        for (const [file, svg] of await figures(folder, name)) writeFileAtomic(join(folder, file), svg);
        const path = join(folder, `${name}.md`);
        writeFileAtomic(path, page(folder, name));
        console.log(path);
      }
    });
}

interface ResultsArguments {
  readonly keep?: string;
  readonly from?: string;
  readonly to: string;
  readonly page?: string;
  readonly note: string[];
  readonly command?: string;
  readonly date?: string;
  readonly machine?: string;
}

/** Names of the pages whose comparisons are kept. */
export function keptPages(folder: string): string[] {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return files.filter((file) => file.endsWith('.json')).map((file) => basename(file, '.json'));
}

/** A page, from the comparisons that are kept for it. */
export function page(folder: string, name: string): string {
  const kept = readKept(folder, name);
  const study = studies.find((study) => study.name === kept.study)!;
  const comparisons = new Map(Object.entries(kept.comparisons));
  const learned = Object.entries(kept.learned).map(([part, parameters]) => learnedTable(part, parameters));
  const seeds = Math.max(...[...comparisons.values()].map((comparison) => comparison.seeds.length));
  const drawn = figuresOf(comparisons).map(({ suffix, alternative }) => `![${alternative}](${name}${suffix}.svg)`);
  return `# ${name}

Written by \`pnpm study results\` from [${name}.json](${name}.json).

- Claim: ${study.claim}.
- Run: \`${kept.command}\`, ${seeds} seeds, ended ${kept.date}.
- Machine: ${kept.machine}.
- Left open by the paper, and chosen by us: ${study.chosen(kept.described)}
${kept.notes.map((note) => `- ${note}\n`).join('')}
${[...drawn, study.describe(comparisons), ...learned].filter((text) => text !== '').join('\n\n')}
`;
}

/** Figures of a page, by their files. */
export async function figures(folder: string, name: string): Promise<Map<string, string>> {
  const comparisons = new Map(Object.entries(readKept(folder, name).comparisons));
  const drawn = new Map<string, string>();
  for (const { suffix, draw } of figuresOf(comparisons)) drawn.set(`${name}${suffix}.svg`, (await draw()) ?? '');
  return drawn;
}

function readKept(folder: string, name: string) {
  return readJson(join(folder, pageFile(name)), keptSchema, 'keep the comparisons again');
}

/** The file that keeps the comparisons of a page. */
function pageFile(name: string): string {
  if (/^[a-z0-9-]+$/.test(name)) return `${name}.json`;
  throw new InputError('usage', `--page ${name}: name it in small letters, digits and "-"`);
}

/** The first variant of a comparison. */
function describedVariant(path: string): unknown {
  const { variants } = readJson(
    path,
    z.looseObject({ variants: z.record(z.string(), z.json()) }),
    'run the study again',
  );
  return Object.values(variants)[0];
}

function keepComparisons(study: string, from: string | undefined, to: string, page: string, said: object): void {
  if (from === undefined) throw new InputError('usage', '--keep needs --from, the folder of the study');
  if (!studies.some(({ name }) => name === study)) throw new InputError('usage', `there is no study ${study}`);
  const file = join(to, pageFile(page));
  const isFree = existsSync(file) ? readKept(to, page).study === study : !existsSync(join(to, `${page}.md`));
  if (!isFree) throw new InputError('usage', `--page ${page}: there is a page of something else; choose another name`);
  const folder = userPath(from);
  const parts = readdirSync(folder).filter((part) => existsSync(join(folder, part, 'comparison.json')));
  // layers-5 before layers-10.
  parts.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const comparisons = Object.fromEntries(
    parts.map((part) => [
      part,
      readJson(join(folder, part, 'comparison.json'), comparisonSchema, 'run the study again'),
    ]),
  );
  const learned = Object.fromEntries(
    Object.entries(comparisons)
      .filter(([part]) => !isTuning(part))
      .map(([part, comparison]) => [part, learnedParameters(join(folder, part), comparison)]),
  );
  mkdirSync(to, { recursive: true });
  const compared = parts.find((part) => !isTuning(part)) ?? '';
  const described = describedVariant(join(folder, compared, configFile));
  const kept = keptSchema.safeParse({ ...said, study, described, comparisons, learned });
  if (!kept.success) throw new InputError('usage', 'results --keep needs --command, --date and --machine');
  // On one line: nobody reads it but `page`, and indented it is twice as large.
  writeFileAtomic(file, `${JSON.stringify(kept.data)}\n`);
}
