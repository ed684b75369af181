import { createEvaluationWindows, type PreparedDataset, type Tokenizer } from '@dynact/data';
import type { Compile } from '@dynact/nn';
import type { TrainingConfig } from '../config/schema.ts';
import { type Evaluation, Evaluator } from '../evaluation/evaluator.ts';
import { evaluationSteps } from '../evaluation/steps.ts';
import { activationRecords } from './activation-records.ts';
import type { Divergence } from './divergence.ts';
import type { Learner } from './learner.ts';
import type { RunLog } from './run-log.ts';
import type { RunState } from './run-state.ts';

/** The evaluations of a run: when they are due, and the records that they leave. */
export class Validation {
  readonly #evaluateAfter: ReadonlySet<number>;
  readonly #evaluator: Evaluator;
  readonly #learner: Learner;
  readonly #training: TrainingConfig;
  readonly #log: RunLog;
  readonly #state: RunState;
  readonly #divergence: Divergence;
  readonly #onProgress: (done: number, total: number) => void;

  constructor(options: {
    training: TrainingConfig;
    dataset: PreparedDataset;
    tokenizer: Tokenizer;
    learner: Learner;
    log: RunLog;
    state: RunState;
    divergence: Divergence;
    compile: Compile | undefined;
    onProgress: (done: number, total: number) => void;
  }) {
    const { training, dataset, tokenizer, learner, compile } = options;
    const model = learner.evaluated;
    this.#evaluateAfter = new Set(evaluationSteps(training));
    this.#evaluator = new Evaluator({
      model,
      windows: createEvaluationWindows({ tokens: dataset.splits.validation, context: model.config.context }),
      tokenizer,
      batchSize: training.batchSize,
      ...(compile === undefined ? {} : { compile }),
    });
    this.#learner = learner;
    this.#training = training;
    this.#log = options.log;
    this.#state = options.state;
    this.#divergence = options.divergence;
    this.#onProgress = options.onProgress;
  }

  /** Whether one is to be made after the present step. */
  get due(): boolean {
    return this.#evaluateAfter.has(this.#state.step);
  }

  /** Evaluates the model as it is. @throws Diverged where the loss is no number to record */
  async run(): Promise<void> {
    const { steps, evaluation } = this.#training;
    const { step } = this.#state;
    const isLast = step === steps;
    // Only losses over the same text can be compared, so the whole split is a figure beside the last of the evaluations.
    let sameText: Evaluation | undefined;
    const limit = isLast ? undefined : evaluation.batches;
    const whole = await this.#evaluator.evaluate(limit, (done, total, soFar) => {
      if (done <= evaluation.batches) sameText = soFar;
      this.#onProgress(done, total);
    });
    if (sameText === undefined) throw new Error('an evaluation needs a batch');
    await this.#divergence.checkEvaluation(sameText);
    await this.#divergence.checkEvaluation(whole);
    const point = { step, ...figures(sameText) };
    if (this.#state.best === null || point.loss < this.#state.best.loss) this.#state.best = point;
    const record = { ...this.#log.position(), split: 'validation' } as const;
    this.#log.append({ kind: 'evaluation', ...record, ...figures(sameText) });
    if (isLast) this.#log.append({ kind: 'whole-split', ...record, ...figures(whole) });
    for (const value of await activationRecords(this.#learner.activationValues, step)) this.#log.append(value);
  }
}

function figures({ loss, metrics }: Evaluation) {
  return { loss, metrics };
}
