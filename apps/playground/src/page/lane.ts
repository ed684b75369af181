import type { CheckpointContent } from '@dynact/runs/format';
import type { MetricsRecord } from '@dynact/runs/records';
import { type Config, evaluationSteps, parseConfig } from '@dynact/training/learning';
import { callsTo, type Remote } from '../worker/calls.ts';
import type { Begun, SavedCheckpoint, Trainer } from '../worker/trainer.ts';
import type { Writer } from '../worker/writer.ts';

/** Steps between two looks at the activations' parameters: reading them waits for the graphics card. */
const watchedSteps = 5;

/** A run to begin, or to go on with. */
export interface Start {
  readonly config: Config;
  readonly text: string;
  readonly checkpoint?: SavedCheckpoint | undefined;
  readonly records?: readonly MetricsRecord[];
}

/** One model that trains, with all it has recorded. */
export class Lane {
  readonly trainer: Remote<Trainer> = callsTo<Trainer>(new Worker('trainer.js', { type: 'module' }));
  records: MetricsRecord[] = [];
  begun: Begun | undefined;
  config: Config = parseConfig({});
  /** Text that it learns from. */
  text = '';
  step = 0;
  /** Memory that TensorFlow.js holds for it on the graphics card. */
  memory: { readonly numTensors: number; readonly numBytes: number } | undefined;
  /** Sample that it is writing, or wrote last. */
  sample = '';
  /** Tokens that it wrote a second, in its last text. */
  writingSpeed: number | undefined;
  #evaluateAfter: ReadonlySet<number> = new Set();

  /** The gate by its name. */
  get kind(): string {
    return this.config.model.feedForward.kind;
  }

  /** Steps that it is to have. */
  get steps(): number {
    return this.config.training.steps;
  }

  get isDone(): boolean {
    return this.step >= this.steps;
  }

  /** @throws Problem for a text, a configuration or a checkpoint that does not fit */
  async begin({ config, text, checkpoint, records = [] }: Start): Promise<void> {
    this.begun = undefined;
    this.config = config;
    this.text = text;
    this.records = [];
    this.sample = '';
    this.#evaluateAfter = new Set(evaluationSteps(config.training));
    this.begun = await this.trainer.begin({ config, text, checkpoint });
    this.step = this.begun.step;
    this.records = [...records];
    if (this.step === 0) this.records.push(await this.trainer.evaluate());
  }

  /** @returns whether it was a step after which the model is evaluated, and writes */
  async advance(): Promise<boolean> {
    const next = this.step + 1;
    const isEvaluated = this.#evaluateAfter.has(next);
    const watches = isEvaluated || next <= watchedSteps || next % watchedSteps === 0;
    this.records.push(...(await this.trainer.step(watches)));
    this.step = next;
    if (isEvaluated) this.records.push(await this.trainer.evaluate());
    if (isEvaluated) this.memory = await this.trainer.memory();
    return isEvaluated;
  }

  /** Lets the model continue the prompt. @param onText is told the text so far */
  async write(
    writer: Remote<Writer>,
    options: { prompt: string; temperature: number },
    onText: () => void,
  ): Promise<void> {
    const { weights } = await this.trainer.capture();
    await writer.load({ config: this.config, weights });
    await writer.begin({ ...options, seed: 0, maximumTokens: 48 });
    this.sample = options.prompt;
    const before = performance.now();
    let tokens = 0;
    for (let piece = await writer.next(); piece !== undefined; piece = await writer.next()) {
      this.sample += piece;
      this.writingSpeed = ++tokens / ((performance.now() - before) / 1000);
      onText();
    }
  }

  /** The loss over the whole validation split at the last step, as the trainer records it. */
  async finish(writer: Remote<Writer>): Promise<void> {
    const last = this.records.findLast((record) => record.kind === 'evaluation');
    if (last === undefined) return;
    const { weights } = await this.trainer.capture();
    const { loss, metrics } = await writer.evaluate({ config: this.config, weights }, this.text);
    this.records.push({ ...last, kind: 'whole-split', loss, metrics });
  }

  capture(): Promise<CheckpointContent> {
    return this.trainer.capture();
  }
}
