import { type Batch, createTokenizer } from '@dynact/data';
import { type Compile, uniformStream } from '@dynact/nn';
import { countModel, Gpt, type ResolvedModelConfig, resolveModelConfig } from '@dynact/transformer';
import type { Config } from '../config/schema.ts';
import { Evaluator } from '../evaluation/evaluator.ts';
import { evaluationSteps } from '../evaluation/steps.ts';
import { Learner } from '../loop/learner.ts';
import { MicroBatches } from '../loop/micro-batches.ts';

/** Milliseconds of the parts of a run, as measured on this machine. */
export interface MeasuredSpeed {
  /** An optimizer step, with all of its micro-batches. */
  readonly step: number;
  /** A batch of an evaluation. */
  readonly evaluationBatch: number;
  /** The first steps, which make the graphs that the others replay. */
  readonly start: number;
}

/** Operations of a pass that would keep a person waiting, on any machine. */
const tooManyOperations = 4e11;
/** Part of a sequence whose pass still says what all of it takes: of fewer tokens the optimizer would be most. */
const fewestTokens = 256;
const firstSteps = 3;
const enoughMs = 2_000;
const mostMs = 10_000;

/**
 * Trains a few steps on made-up tokens, to know what a run takes.
 * @param mostOperations of a pass that is measured
 * @returns undefined where a pass of a part of one sequence alone is more than somebody would wait for
 */
export async function measureSpeed(
  config: Config,
  compile?: Compile,
  mostOperations = tooManyOperations,
): Promise<MeasuredSpeed | undefined> {
  const { encoding, vocabSize } = config.dataset;
  const whole = resolveModelConfig(config.model, vocabSize);
  const affordable = Math.floor(mostOperations / countModel(whole).flopsPerToken);
  if (affordable < Math.min(fewestTokens, whole.context)) return undefined;
  const { training, seed } = config;
  const context = Math.min(whole.context, affordable);
  const model = { ...whole, context };
  const batchSize = Math.min(training.batchSize, Math.floor(affordable / context));
  // What is left out of a step is as much again.
  const share = (training.batchSize * operations(whole)) / (batchSize * operations(model));
  const startedAt = performance.now();
  const learner = new Learner(new Gpt(model, seed), { ...training, batchSize, gradientAccumulation: 1 }, compile);
  const batch = (index: number) => madeUpBatch(batchSize * context, vocabSize, `speed/${index}`);
  const microBatches = new MicroBatches({ windows: 1, batch }, learner.model, { seed, perStep: 1 });
  try {
    const takeStep = async (step: number) => void (await learner.trainStep.run(step, microBatches.of(step)));
    const passed = () => performance.now() - startedAt;
    for (let step = 1; step <= firstSteps && passed() < mostMs; step++) await takeStep(step);
    const start = passed();
    const pass = await meanTime((index) => takeStep(firstSteps + index));
    const window = () => ({ ...madeUpBatch(context, vocabSize, 'speed'), targetCount: context });
    const evaluator = new Evaluator({
      model: learner.evaluated,
      windows: { count: batchSize, targetCount: batchSize * context, window },
      tokenizer: await createTokenizer({ encoding, vocabularySize: vocabSize }),
      batchSize,
      ...(compile === undefined ? {} : { compile }),
    });
    await evaluator.evaluate();
    const evaluationBatch = await meanTime(async () => void (await evaluator.evaluate()));
    return { step: pass * share * training.gradientAccumulation, evaluationBatch: evaluationBatch * share, start };
  } finally {
    learner.dispose();
  }
}

/**
 * Milliseconds that a run takes.
 * @param windows of the validation split, all of which the last evaluation takes
 */
export function expectedTime({ training }: Config, speed: MeasuredSpeed, windows: number): number {
  const whole = Math.ceil(windows / training.batchSize);
  const evaluations = evaluationSteps(training).length - 1;
  const batches = evaluations * Math.min(training.evaluation.batches, whole) + whole;
  return speed.start + training.steps * speed.step + batches * speed.evaluationBatch;
}

/** Operations of a training pass over one sequence. */
function operations(model: ResolvedModelConfig): number {
  return model.context * countModel(model).flopsPerToken;
}

async function meanTime(task: (index: number) => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const passed = () => performance.now() - startedAt;
  let count = 0;
  while (count < 1 || (passed() < enoughMs && count < 20)) await task(++count);
  return passed() / count;
}

function madeUpBatch(tokens: number, vocabularySize: number, name: string): Batch {
  const uniform = uniformStream(0, name);
  const ids = () => Int32Array.from({ length: tokens }, () => Math.floor(uniform() * vocabularySize));
  return { inputs: ids(), targets: ids() };
}
