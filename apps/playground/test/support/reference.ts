import '@tensorflow/tfjs';
import {
  createEvaluationWindows,
  createTokenizer,
  createTrainingBatches,
  tokenizeText,
  tokensInMemory,
} from '@dynact/data/tokens';
import type { Checkpoint } from '@dynact/runs';
import { type Config, Evaluator, Learner, MicroBatches, restoreTraining } from '@dynact/training/learning';
import { Gpt, resolveModelConfig } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';

/** The losses of some steps of a run in Node, on TensorFlow.js's cpu backend, and the validation loss before and after. */
export async function trainInNode(
  config: Config,
  text: string,
  { steps, checkpoint }: { steps: number; checkpoint?: Checkpoint },
): Promise<{ losses: number[]; before: number; after: number }> {
  await tf.setBackend('cpu');
  const { seed, training, dataset } = config;
  const { batchSize, gradientAccumulation: perStep, evaluation } = training;
  const tokenizer = await createTokenizer({ encoding: dataset.encoding, vocabularySize: dataset.vocabSize });
  const tokens = tokenizeText(text, tokenizer);
  const modelConfig = resolveModelConfig(config.model, dataset.vocabSize);
  const { context } = modelConfig;
  const model = new Gpt(modelConfig, seed);
  const learner = new Learner(model, training);
  const first = checkpoint === undefined ? 1 : restoreTraining(learner, checkpoint).step + 1;
  const batches = createTrainingBatches({ tokens: tokensInMemory(tokens.train), context, batchSize, seed });
  const microBatches = new MicroBatches(batches, model, { seed, perStep });
  const windows = createEvaluationWindows({ tokens: tokensInMemory(tokens.validation), context });
  const evaluator = new Evaluator({ model, windows, tokenizer, batchSize });
  const before = (await evaluator.evaluate(evaluation.batches)).loss;
  const losses: number[] = [];
  for (let step = first; step < first + steps; step++) {
    losses.push((await learner.trainStep.run(step, microBatches.of(step))).loss);
  }
  const after = (await evaluator.evaluate()).loss;
  learner.dispose();
  return { losses, before, after };
}

/** The largest |a - b| / |b|. */
export function largestRelativeDifference(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} values instead of ${expected.length}`);
  return Math.max(...actual.map((value, index) => Math.abs(value - expected[index]!) / Math.abs(expected[index]!)));
}
