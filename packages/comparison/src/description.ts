import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { calledAs, shellWord } from '@dynact/command-line';
import { InputError, readJson, writeJsonAtomic } from '@dynact/files';
import { configFile } from '@dynact/runs';
import { comparisonDescriptionSchema, currentDescription, type TokenDigests } from '@dynact/runs/records';
import { type Config, type Difference, firstDifference, parseRecordedConfig } from '@dynact/training';
import { z } from 'zod';
import type { ComparisonPlan } from './plan.ts';

type DecisiveConfig = Pick<Config, 'dataset' | 'model' | 'training'> & {
  readonly backend: Pick<Config['backend'], 'name' | 'device'> & Partial<Pick<Config['backend'], 'tf32'>>;
};

/** Everything that decides the results of a comparison, as its config.json has it: neither how many jobs nor how many threads. */
export interface Description {
  readonly baseline: string;
  readonly evaluationSteps: readonly number[];
  readonly seeds: readonly number[];
  readonly tokens: TokenDigests;
  readonly variants: Readonly<Record<string, DecisiveConfig>>;
}

/** Parts of the description of a comparison, of any kind, that may grow. */
export interface GrowingDescription {
  readonly seeds: readonly number[];
  readonly variants: Readonly<Record<string, unknown>>;
}

const growingSchema = z.looseObject({ seeds: z.array(z.number()), variants: z.record(z.string(), z.unknown()) });

const datasetOf = z.object({ dataset: z.object({ name: z.string(), encoding: z.string(), vocabSize: z.int() }) });

const keptSchema = z.preprocess(
  currentDescription,
  comparisonDescriptionSchema.extend({
    tokens: z.object({ train: z.string(), validation: z.string() }),
    variants: z.record(z.string(), z.json()).refine((variants) => Object.keys(variants).length > 0),
  }),
);

export function describePlan(
  { baseline, evaluationSteps, seeds, runs }: ComparisonPlan,
  tokens: TokenDigests,
): Description {
  const variants = Object.fromEntries(runs.map(({ variant, config }) => [variant, decisiveConfig(config)]));
  return { baseline, evaluationSteps, seeds, tokens, variants };
}

/** A description as a folder has it; undefined where there is none. */
export function readKept(directory: string): unknown {
  const path = join(directory, configFile);
  return existsSync(path) ? readJson(path, z.json(), 'choose another --out') : undefined;
}

/** The description of the comparison in a folder, as one of today; undefined where there is none. */
export function readDescription(directory: string): Description | undefined {
  const kept = keptSchema.safeParse(readKept(directory));
  if (!kept.success) return undefined;
  const { baseline, evaluationSteps, seeds, tokens, variants } = kept.data;
  const current = Object.entries(variants).map(([name, config]) => [
    name,
    decisiveConfig(parseRecordedConfig(config, `${join(directory, configFile)}: variants.${name}`)),
  ]);
  return { baseline, evaluationSteps, seeds, tokens, variants: Object.fromEntries(current) };
}

/** Writes a description, unless that is what the folder has. */
export function writeDescription(directory: string, description: GrowingDescription): void {
  if (firstDifference(readKept(directory), description) === undefined) return;
  writeJsonAtomic(join(directory, configFile), description);
}

/** @throws InputError where there is anything in a folder; a lock alone, which a kill may leave, counts as nothing */
export function refuseUsed(directory: string): void {
  if (!existsSync(directory)) return;
  const isEmpty = statSync(directory).isDirectory() && readdirSync(directory).every((name) => name.startsWith('.'));
  if (!isEmpty) throw new InputError('comparison', `${directory} is there and is no comparison; choose another --out`);
}

/**
 * Lets a comparison gain seeds, variants and steps: each is more of the same.
 * @throws InputError for a setting that is another one, with both values
 */
export function checkGrowth(directory: string, known: Description, planned: Description): void {
  checkLength(directory, known, planned);
  const after = stepsOf(known);
  const variants = Object.entries(known.variants).map(([name, before]) => {
    const now = planned.variants[name];
    return [name, now === undefined ? before : { ...before, training: longerTraining(before.training, now.training) }];
  });
  const earlier = (steps: readonly number[]) => steps.filter((step) => step <= after);
  const isSameSoFar = String(earlier(known.evaluationSteps)) === String(earlier(planned.evaluationSteps));
  const evaluationSteps = isSameSoFar ? planned.evaluationSteps : known.evaluationSteps;
  checkSame(directory, { ...known, evaluationSteps, variants: Object.fromEntries(variants) }, planned);
}

/**
 * Lets a comparison of any kind gain seeds and variants.
 * @param kept as the folder has it
 * @throws InputError for a setting that is another one, with both values
 */
export function checkSame(directory: string, kept: unknown, planned: GrowingDescription): void {
  const known = growingSchema.safeParse(kept);
  if (!known.success) {
    refuseUsed(directory);
    return;
  }
  const { seeds, variants } = known.data;
  const hasSeeds = seeds.every((seed) => planned.seeds.includes(seed));
  // In the order of the file: zod puts the keys of its schema first.
  const grown = {
    ...(kept as object),
    seeds: hasSeeds ? planned.seeds : seeds,
    variants: { ...planned.variants, ...variants },
  };
  const difference = firstDifference(grown, planned);
  if (difference === undefined) return;
  if (difference.path.startsWith('tokens.')) throw otherTokens(directory, variants, planned.variants);
  const names = Object.keys(variants);
  const isAnother = names.some((name) => planned.variants[name] === undefined);
  const added = Object.keys(planned.variants).filter((name) => !names.includes(name));
  throw otherComparison(directory, difference, isAnother ? [...names, ...added] : []);
}

function stepsOf({ variants }: Description): number {
  return Object.values(variants)[0]!.training.steps;
}

/** Only a constant learning rate is the same at a step, whatever the number of steps. */
function checkLength(directory: string, known: Description, planned: Description): void {
  const [before, now] = [known, planned].map(stepsOf) as [number, number];
  const ending = Object.values(known.variants).find(({ training }) => training.schedule.name !== 'constant');
  if (now < before) throw otherComparison(directory, { path: 'training.steps', before, now });
  if (now === before || ending === undefined) return;
  const folder = shellWord(directory);
  const anew = `${calledAs()} compare --config ${folder} --steps ${now} --out ${shellWord(`${directory}-${now}`)}`;
  throw new InputError(
    'comparison',
    `${directory} holds a comparison of ${before} steps, at whose end the learning rate has fallen (${ending.training.schedule.name}): ` +
      `${now} steps are another comparison; train it into another folder: ${anew}`,
  );
}

/** The training of before with the steps of now, where those go on. */
function longerTraining(before: Config['training'], now: Config['training']): Config['training'] {
  if (now.steps <= before.steps) return before;
  return { ...before, steps: now.steps, evaluation: { ...before.evaluation, steps: now.evaluation.steps } };
}

/** The refusal where tokens differ: they are of another text, or other tokens of the same one. */
function otherTokens(
  directory: string,
  before: GrowingDescription['variants'],
  now: GrowingDescription['variants'],
): InputError {
  const [had, given] = [before, now].map((variants) => datasetOf.safeParse(Object.values(variants)[0]).data?.dataset);
  const key = (['encoding', 'vocabSize'] as const).find((name) => had?.[name] !== given?.[name]);
  if (key !== undefined) {
    return otherComparison(directory, { path: `dataset.${key}`, before: had?.[key], now: given?.[key] });
  }
  const what =
    had?.name === given?.name ? `when ${had?.name} was another text` : `on ${had?.name}, and not on ${given?.name}`;
  return new InputError('comparison', `${directory} holds a comparison made ${what}; choose another --out`);
}

/** @param variants all that would be in it, where some of the folder's are left out */
function otherComparison(
  directory: string,
  { path, before, now }: Difference,
  variants: readonly string[] = [],
): InputError {
  const value = (given: unknown) => (given === undefined ? 'none' : JSON.stringify(given));
  const isLeftOut = now === undefined && typeof before === 'object';
  const setting = isLeftOut ? `${path}, which is left out now` : `${path} ${value(before)}, not ${value(now)}`;
  const seeds =
    path === 'seeds' && Array.isArray(before) && Array.isArray(now) ? [...new Set([...before, ...now])] : [];
  const advice =
    seeds.length > 0
      ? `to add to it name them all, --seeds ${seeds}; or `
      : variants.length > 0
        ? `to add to it name its variants, too, --variants ${variants}; or `
        : '';
  return new InputError(
    'comparison',
    `${directory} holds a comparison with ${setting}; ${advice}choose another --out, or leave it as it was`,
  );
}

function decisiveConfig({ dataset, model, training, backend }: Config): DecisiveConfig {
  const { name, device, tf32 } = backend;
  // Any of several GPUs; other devices know no TF32.
  const used = device.startsWith('cuda') ? { name, device: 'cuda', tf32 } : { name, device };
  // As JSON has it: a key without a value is none.
  return JSON.parse(JSON.stringify({ dataset, model, training, backend: used })) as DecisiveConfig;
}
