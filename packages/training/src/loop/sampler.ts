import type { Tokenizer } from '@dynact/data';
import { type Compile, runAsIs } from '@dynact/nn';
import type { SampleRecord } from '@dynact/runs/records';
import { type Gpt, streamTexts, type TextOptions, TokenGenerator } from '@dynact/transformer';
import type { TrainingConfig } from '../config/schema.ts';

interface SamplerOptions {
  readonly model: Gpt;
  readonly tokenizer: Tokenizer;
  readonly seed: number;
  readonly compile: Compile | undefined;
}

/** Lets the model write while it learns. Each sample draws with the same numbers, so that what differs is the model. */
export class Sampler {
  readonly #generator: TokenGenerator;
  readonly #prompt: string;
  readonly #tokens: readonly number[];
  readonly #every: number | undefined;
  readonly #options: TextOptions;

  constructor(settings: NonNullable<TrainingConfig['sample']>, options: SamplerOptions) {
    const { model, tokenizer, seed, compile = runAsIs } = options;
    const { prompt, every, maxTokens, temperature, topK, topP } = settings;
    this.#every = every;
    this.#generator = new TokenGenerator(model, { compile });
    this.#prompt = prompt;
    this.#tokens = tokenizer.encode(prompt);
    this.#options = {
      maximumTokens: maxTokens,
      temperature,
      ...(topK === undefined ? {} : { topK }),
      ...(topP === undefined ? {} : { topP }),
      seed,
      endOfText: tokenizer.endOfText,
      decode: (tokens) => tokenizer.decode(tokens),
      // As `dynact sample` does: a model that has learned little draws bytes that are no text.
      tokenBytes: (token) => tokenizer.tokenBytes(token),
    };
  }

  /** The sampler of a run that is to have one. */
  static of({ training, ...options }: SamplerOptions & { readonly training: TrainingConfig }): Sampler | undefined {
    return training.sample === null ? undefined : new Sampler(training.sample, options);
  }

  /** Whether a sample is to be written after `step`: as often as wanted, by default after each evaluation. */
  isDueAfter(step: number, isEvaluated: boolean): boolean {
    return this.#every === undefined ? isEvaluated : step % this.#every === 0;
  }

  async sample(step: number): Promise<SampleRecord> {
    let text = '';
    for await (const [piece] of streamTexts(this.#generator, [this.#tokens], this.#options)) text += piece!.text;
    return { kind: 'sample', step, prompt: this.#prompt, text };
  }

  dispose(): void {
    this.#generator.dispose();
  }
}
