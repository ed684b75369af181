import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MetricsRecord, RunConfig, Summary } from '@dynact/runs/records';

/** A run that was never trained: its curves are formulas and noise of its seed. */
export interface ExampleRun {
  readonly steps: number;
  readonly seed: number;
  /** Feed-forward kind; one with parameters of activations logs them. */
  readonly kind: string;
  /** The last step that it has come to; it has a summary where that is its last. */
  readonly until?: number;
  readonly evaluateEvery?: number;
}

const tokensPerStep = 2048;
const msPerStep = 50;

/** Numbers between 0 and 1 that a seed decides. */
function noise(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return state / 2 ** 32;
  };
}

/** The evaluation that an example has at a step. */
function exampleEvaluation({ seed, kind }: ExampleRun, step: number) {
  const gain = kind === 'swiglu' ? 0 : 0.05 * (1 - Math.exp(-step / 400));
  const loss = 2.8 + 4 * Math.exp(-Math.sqrt(step) / 9) - gain + 0.05 * noise(seed * 7919 + step * 31 + kind.length)();
  return { loss, metrics: { perplexity: Math.exp(loss), bitsPerByte: loss / Math.LN2 / 2.6 } };
}

/** All records of an example up to a step, in their order. */
export function* exampleRecords(run: ExampleRun): Generator<MetricsRecord> {
  const { steps, seed, kind, until = steps, evaluateEvery = Math.ceil(steps / 20) } = run;
  const random = noise(seed);
  for (let step = 0; step <= until; step += 1) {
    const place = { step, tokens: step * tokensPerStep, elapsedMs: step * msPerStep };
    const { loss, metrics } = exampleEvaluation(run, step);
    if (step > 0) {
      yield {
        kind: 'train',
        ...place,
        loss: loss + 0.4 * (random() - 0.5),
        learningRate: 0.002 * Math.min(1, step / 100) * (1 - (0.9 * step) / steps),
        gradientNorm: 0.6 + 0.4 * random() + (random() < 0.001 ? 8 : 0),
        tokensPerSecond: 40_000 + 2000 * random(),
      };
    }
    if (step % evaluateEvery !== 0 && step !== steps) continue;
    yield { kind: 'evaluation', ...place, split: 'validation', loss, metrics };
    yield {
      kind: 'sample',
      step,
      prompt: 'Emma said',
      text: `, that ${step} steps are ${step > 500 ? 'enough' : 'not many'}.`,
    };
    if (kind === 'swiglu') continue;
    for (const layer of [0, 1, 2, 3]) {
      const way = 1 - Math.exp(-step / (300 + 100 * layer));
      yield { kind: 'activation', step, layer, name: 'alpha', value: 1 + 0.12 * (layer + 1) * way + 0.01 * random() };
      yield { kind: 'activation', step, layer, name: 'beta', value: 0.05 * (2 - layer) * way + 0.01 * random() };
    }
  }
}

function exampleConfig({ steps, seed, kind }: ExampleRun): RunConfig {
  return {
    config: { dataset: { name: 'gutenberg-books' }, model: { feedForward: { kind } }, training: { steps }, seed },
    versions: { '@dynact/trainer': '0.1.0' },
    backend: { name: 'onnxruntime', device: 'cpu', threads: 2 },
    gitCommit: null,
  };
}

function exampleSummary(run: ExampleRun): Summary {
  const final = { step: run.steps, ...exampleEvaluation(run, run.steps) };
  return {
    status: 'finished',
    step: run.steps,
    tokens: run.steps * tokensPerStep,
    final,
    best: final,
    wholeSplit: null,
    tokensPerSecond: 41_000,
    parameters: 133_440,
    activationParameters: 0,
    flopsPerToken: 1_000_000,
  };
}

/** Writes the run folder. */
export function writeExampleRun(folder: string, run: ExampleRun): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(exampleConfig(run)));
  let text = '';
  const path = join(folder, 'metrics.jsonl');
  writeFileSync(path, '');
  for (const record of exampleRecords(run)) {
    text += `${JSON.stringify(record)}\n`;
    if (text.length < 1_000_000) continue;
    writeFileSync(path, text, { flag: 'a' });
    text = '';
  }
  writeFileSync(path, text, { flag: 'a' });
  if ((run.until ?? run.steps) === run.steps)
    writeFileSync(join(folder, 'summary.json'), JSON.stringify(exampleSummary(run)));
}

/** Writes a comparison folder; runs of `until` other steps are under way. */
export function writeExampleComparison(
  folder: string,
  { steps, seeds, variants, until }: { steps: number; seeds: number[]; variants: string[]; until?: number },
): void {
  const evaluationSteps = [1, 2, 3, 4].map((quarter) => (quarter * steps) / 4);
  const plan = { dataset: { name: 'gutenberg-books' }, backend: {}, model: {}, training: { steps } };
  mkdirSync(folder, { recursive: true });
  const config = {
    baseline: variants[0],
    evaluationSteps,
    seeds,
    variants: Object.fromEntries(variants.map((name) => [name, plan])),
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  for (const kind of variants) {
    for (const seed of seeds) {
      const run = { steps, seed, kind, ...(until === undefined ? {} : { until }) };
      writeExampleRun(join(folder, `${kind}-seed-${seed}`), run);
    }
  }
}
