import { InputError } from '@dynact/files/input-error';
import { createPermutation } from './permutation.ts';
import type { Tokens } from './tokens.ts';

export interface Batch {
  /** [batchSize x context] ids, row by row. */
  inputs: Int32Array;
  /** [batchSize x context]: the id that follows each input. */
  targets: Int32Array;
}

export interface TrainingBatches {
  /** Number of windows of `context` + 1 ids that neighbors share one id of; all are used once an epoch. */
  readonly windows: number;
  /** The batch of an index, a micro-batch from 0. Depends on nothing but the tokens, the options and the index. */
  batch(index: number): Batch;
}

export interface TrainingBatchOptions {
  tokens: Tokens;
  /** Inputs of one window. */
  context: number;
  /** Windows of one batch. */
  batchSize: number;
  /** A whole number; each seed sees the windows in another order. */
  seed: number;
}

/**
 * Contiguous windows in an order that a seeded permutation computes anew for each epoch, without replacement. Sample n
 * of the run (index x batchSize + row) is window n modulo the number of windows of epoch n / windows, so a batch may
 * hold the end of one epoch and the start of the next, and resuming at any index costs nothing. The up to `context` - 1
 * last ids that fill no window are not trained on.
 * @throws InputError when the split is shorter than one window
 */
export function createTrainingBatches({ tokens, context, batchSize, seed }: TrainingBatchOptions): TrainingBatches {
  const windows = Math.floor((tokens.length - 1) / context);
  if (windows < 1) {
    throw new InputError(
      'dataset',
      `the training split has ${tokens.length} tokens, fewer than one window of context + 1 = ${context + 1}: ` +
        'use a shorter context or more text',
    );
  }
  let epochOfOrder = -1;
  let order: (position: number) => number = (position) => position;
  return {
    windows,
    batch(index) {
      if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`${index} is no batch: they count from 0`);
      const inputs = new Int32Array(batchSize * context);
      const targets = new Int32Array(batchSize * context);
      for (let row = 0; row < batchSize; row++) {
        const sample = index * batchSize + row;
        const epoch = Math.floor(sample / windows);
        if (epoch !== epochOfOrder) {
          order = createPermutation(windows, `training windows, seed ${seed}, epoch ${epoch}`);
          epochOfOrder = epoch;
        }
        const ids = tokens.read(order(sample % windows) * context, context + 1);
        inputs.set(ids.subarray(0, context), row * context);
        targets.set(ids.subarray(1), row * context);
      }
      return { inputs, targets };
    },
  };
}

export interface EvaluationWindow {
  /** [context] ids. */
  inputs: Int32Array;
  /** [context]: the id that follows each input. */
  targets: Int32Array;
  /** The first so many targets are real; only the last window has fewer than `context`, the rest of it is id 0. */
  targetCount: number;
}

export interface EvaluationWindows {
  readonly count: number;
  /** Real targets of all windows together: every id of the split but the first. */
  readonly targetCount: number;
  window(index: number): EvaluationWindow;
}

/**
 * Fixed contiguous windows in file order that predict every id of the split but the first exactly once. What is left
 * at the end makes a last window filled up with id 0 (a causal model's real positions do not see the filling).
 * @throws InputError when the split has no id to predict
 */
export function createEvaluationWindows({
  tokens,
  context,
}: {
  tokens: Tokens;
  /** Inputs of one window. */
  context: number;
}): EvaluationWindows {
  const targetCount = tokens.length - 1;
  if (targetCount < 1) {
    throw new InputError('dataset', `the split has ${tokens.length} tokens, nothing to predict: use more text`);
  }
  const count = Math.ceil(targetCount / context);
  return {
    count,
    targetCount,
    window(index) {
      if (!Number.isInteger(index) || index < 0 || index >= count) {
        throw new RangeError(`${index} is not a window: there are ${count}, counted from 0`);
      }
      const start = index * context;
      const real = Math.min(context, targetCount - start);
      const ids = tokens.read(start, real + 1);
      const inputs = new Int32Array(context);
      const targets = new Int32Array(context);
      inputs.set(ids.subarray(0, real));
      targets.set(ids.subarray(1));
      return { inputs, targets, targetCount: real };
    },
  };
}

/**
 * The windows of several texts, one text after the other; the first token of each is not predicted.
 * @throws InputError when there is none
 */
export function joinedWindows(texts: readonly EvaluationWindows[]): EvaluationWindows {
  const count = texts.reduce((sum, text) => sum + text.count, 0);
  if (count === 0) throw new InputError('dataset', 'there is nothing to predict: use more text');
  return {
    count,
    targetCount: texts.reduce((sum, text) => sum + text.targetCount, 0),
    window(index) {
      let within = index;
      for (const text of texts) {
        if (within < text.count) return text.window(within);
        within -= text.count;
      }
      throw new RangeError(`${index} is not a window: there are ${count}, counted from 0`);
    },
  };
}
