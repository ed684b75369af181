import { join } from 'node:path';
import { firstIssue, InputError } from '@dynact/files';
import type { ActivationRecord, Comparison } from '@dynact/runs/records';
import { applyOverrides, type RawConfig } from '@dynact/training';
import { z } from 'zod';
import { compareLanguage } from '../src/compare-language.ts';
import { isTuning, type Study, type StudyOptions } from '../src/study.ts';
import { finalValues, markdownTable, pairedTable, verdictLines, withInterval } from '../src/tables.ts';

const whole = z.int().nonnegative();
const armSchema = z.looseObject({ kind: z.string() });

const settingsSchema = z.strictObject({
  dataset: z.string().default('tinystories-train'),
  vocabSize: z.int().min(257).default(512),
  model: z.record(z.string(), z.unknown()).default({ layers: 2, width: 64, heads: 2, context: 64 }),
  batchSize: z.int().positive().default(4),
  warmupSteps: whole.default(100),
  evaluationBatches: z.int().positive().default(64),
  arms: z.record(z.string(), armSchema).default({ swiglu: { kind: 'swiglu' }, dynactglu: { kind: 'dynactglu' } }),
  /** Compared with the first arm over fewer seeds. */
  controls: z.record(z.string(), armSchema).default({
    bilinear: { kind: 'bilinear' },
    geglu: { kind: 'geglu' },
    mish: { kind: 'swiglu', activation: { name: 'mish' } },
    'beta-alone': { kind: 'dynactglu', activation: { name: 'dynactivation', frozen: ['alpha'] } },
  }),
  /** Whether dynActGLU with what another seed learned, frozen, is a control too. */
  frozen: z.boolean().default(true),
  controlSeeds: z.array(whole).default([0, 1, 2]),
  rates: z.array(z.number().positive()).min(1).default([0.001, 0.002, 0.004, 0.008]),
  tuningSeeds: z.array(whole).min(1).default([100, 101]),
  tuningSteps: z.int().positive().default(1000),
  steps: z.int().positive().default(5620),
  seeds: z.array(whole).min(1).default([0, 1, 2, 3, 4, 5, 6, 7]),
});

/** A variant of a comparison of language models, as far as the page tells it. */
const describedSchema = z.object({
  dataset: z.object({ vocabSize: z.int() }),
  model: z.object({ layers: z.int(), width: z.int(), context: z.int() }),
  training: z.object({ batchSize: z.int() }),
});

type Settings = z.output<typeof settingsSchema>;
type Arms = Settings['arms'];

const quick = {
  controlSeeds: [0],
  dataset: 'alice-smoke',
  model: { layers: 1, width: 16, heads: 2, context: 16 },
  evaluationBatches: 2,
  ...{ vocabSize: 257, warmupSteps: 2, controls: {}, rates: [0.004], tuningSeeds: [100], tuningSteps: 4 },
  ...{ steps: 8, seeds: [0] },
};

/** The paper's longer training, of a model that wants a GPU. */
const full = {
  model: { layers: 8, width: 512, heads: 8, context: 256 },
  vocabSize: 8192,
  batchSize: 64,
  steps: 34_300,
};

export const languageGates: Study = {
  name: 'language-gates',
  claim:
    'arXiv 2603.22154: dynActGLU has a perplexity of 4.047 against SwiGLU 4.514 at 5 620 steps, and no gap at 34 300',
  chosen(described) {
    const { dataset, model, training } = describedSchema.parse(described);
    return (
      `the model (${model.layers} layers, width ${model.width}, context ${model.context}, ${dataset.vocabSize} tokens, ` +
      `${training.batchSize * model.context} tokens a step), the form of dynActGLU ` +
      '(dynActivation(x W) * x V from alpha 1, beta 0, one pair a layer), AdamW with a cosine to a tenth, and a learning rate ' +
      'for each arm: the best of the grid on seeds that are not used afterwards.'
    );
  },
  async run(options) {
    const { out, size, set, seeds } = options;
    const settings = resolve({ size, set, ...(seeds === undefined ? {} : { seeds }) });
    const { arms, tuningSeeds, tuningSteps } = settings;
    const tuned = (chosen: Arms) =>
      Object.entries(chosen).flatMap(([arm, feedForward]) =>
        settings.rates.map((rate): [string, RawConfig] => [`${arm}-${rate}`, variantOf(feedForward, rate)]),
      );
    const tuning = async (name: string, chosen: Arms) => {
      const steps = [Math.ceil(tuningSteps / 2), tuningSteps];
      const plan = comparisonOf(settings, Object.fromEntries(tuned(chosen)), tuningSeeds, steps);
      return compareLanguage(plan, join(out, name), options);
    };
    const compared = async (name: string, chosen: Arms, rates: Comparison, ofSeeds: readonly number[]) => {
      const variants = Object.entries(chosen).map(([arm, feedForward]): [string, RawConfig] => [
        arm,
        variantOf(feedForward, bestRate(rates, arm)),
      ]);
      const plan = comparisonOf(settings, Object.fromEntries(variants), ofSeeds, evaluationSteps(settings.steps));
      return compareLanguage(plan, join(out, name), options);
    };
    const grid = await tuning('tuning', arms);
    const gates = await compared('gates', arms, grid.comparison, settings.seeds);
    const found = [['tuning', grid.comparison] as const, ['gates', gates.comparison] as const];
    const best = `dynactglu-${bestRate(grid.comparison, 'dynactglu')}`;
    const learned = settings.frozen ? { frozen: frozenAt(grid.activations(best, tuningSeeds[0]!)) } : {};
    const controls = { ...settings.controls, ...learned };
    if (Object.keys(controls).length === 0) return new Map(found);
    const others = await tuning('tuning-controls', controls);
    const [first] = Object.keys(arms) as [string];
    const rates = mergedGrid(grid.comparison, others.comparison);
    const controlled = await compared('controls', { [first]: arms[first]!, ...controls }, rates, settings.controlSeeds);
    return new Map([...found, ['tuning-controls', others.comparison], ['controls', controlled.comparison]]);
  },
  describe(comparisons) {
    const grids = [...comparisons].filter(([name]) => isTuning(name));
    const results = new Map([...comparisons].filter(([name]) => !isTuning(name)));
    const means = [...results].map(([name, comparison]) => {
      const steps = comparison.evaluationSteps;
      const rows = comparison.variants.map((variant) => [
        variant.name,
        ...steps.map((step) =>
          withInterval(finalValues({ ...comparison, steps: step }, variant.name), (x) => x.toFixed(3)),
        ),
      ]);
      return markdownTable([`${name}: perplexity at step`, ...steps.map(String)], rows);
    });
    const sections = [
      ...grids.map(([, grid]) => gridTable(grid)),
      ...means,
      pairedTable(results),
      verdictLines(results),
    ];
    return sections.filter((section) => section !== '').join('\n\n');
  },
};

function resolve({ size, set, seeds }: Pick<StudyOptions, 'size' | 'set' | 'seeds'>): Settings {
  const base = size === 'default' ? {} : size === 'quick' ? quick : full;
  const parsed = settingsSchema.safeParse(applyOverrides({ ...base, ...(seeds === undefined ? {} : { seeds }) }, set));
  if (parsed.success) return parsed.data;
  throw new InputError('configuration', `study language-gates: ${firstIssue(parsed.error)}`);
}

function variantOf(feedForward: Arms[string], learningRate: number): RawConfig {
  return { model: { feedForward }, training: { optimizer: { learningRate } } };
}

function comparisonOf(
  settings: Settings,
  variants: RawConfig,
  seeds: readonly number[],
  steps: readonly number[],
): RawConfig {
  const { dataset, vocabSize, model, batchSize, warmupSteps, evaluationBatches } = settings;
  const last = steps.at(-1)!;
  return {
    dataset: { name: dataset, vocabSize },
    model,
    training: {
      ...{ steps: last, batchSize },
      schedule: { warmupSteps },
      evaluation: { steps, batches: evaluationBatches },
      checkpoint: { every: Math.min(last, 1000), keep: 1, best: false },
    },
    comparison: { baseline: Object.keys(variants)[0]!, variants, seeds, evaluationSteps: steps },
  };
}

/** Close together early, because the paper sees its gap there. */
function evaluationSteps(steps: number): number[] {
  return [0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1].map((share) => Math.ceil(share * steps));
}

function meanLoss({ variants, steps }: Comparison, name: string): number {
  const runs = variants.find((variant) => variant.name === name)?.runs ?? [];
  const losses = runs.flatMap(({ evaluations }) => evaluations.find(({ step }) => step === steps)?.loss ?? []);
  // A rate at which a run diverged is none to choose.
  return losses.length < runs.length || losses.length === 0
    ? Number.POSITIVE_INFINITY
    : losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function bestRate(grid: Comparison, arm: string): number {
  const ofArm = grid.variants.map(({ name }) => name).filter((name) => name.slice(0, name.lastIndexOf('-')) === arm);
  const [best] = ofArm.toSorted((a, b) => meanLoss(grid, a) - meanLoss(grid, b));
  if (best === undefined)
    throw new InputError('configuration', `language-gates: no learning rate was tried for ${arm}`);
  return Number(best.slice(best.lastIndexOf('-') + 1));
}

function mergedGrid(grid: Comparison, other: Comparison): Comparison {
  return { ...grid, variants: [...grid.variants, ...other.variants] };
}

function gridTable(grid: Comparison): string {
  const rows = grid.variants.map(({ name }) => [name, meanLoss(grid, name).toFixed(4)]);
  const { steps, seeds } = grid;
  return markdownTable([`arm and learning rate`, `mean loss (nats) at step ${steps}, seeds ${seeds.join(', ')}`], rows);
}

/** dynActGLU whose alpha and beta stay at what a run has learned, layer by layer. */
function frozenAt(records: readonly ActivationRecord[]): Arms[string] {
  const layers = [...new Set(records.map(({ layer }) => layer))];
  const perLayer = layers.map((layer) => {
    const values = records.filter((record) => record.layer === layer).map(({ name, value }) => [name, Number(value)]);
    return { activation: { name: 'dynactivation', ...Object.fromEntries(values), frozen: true } };
  });
  return { kind: 'dynactglu', perLayer };
}
