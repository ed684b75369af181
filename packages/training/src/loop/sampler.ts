import type { Tokenizer } from '@dynact/data';
import type { SampleRecord } from '@dynact/runs';
import { type Compile, type Gpt, runAsIs, streamText, TokenGenerator } from '@dynact/transformer';
import type { TrainingConfig } from '../config/schema.ts';

/** Lets the model write while it learns. Each sample draws with the same numbers, so that what differs is the model. */
export class Sampler {
  readonly #generator: TokenGenerator;
  readonly #tokenizer: Tokenizer;
  readonly #settings: NonNullable<TrainingConfig['sample']>;
  readonly #seed: number;

  constructor(options: {
    model: Gpt;
    tokenizer: Tokenizer;
    settings: NonNullable<TrainingConfig['sample']>;
    seed: number;
    compile?: Compile;
  }) {
    const { model, tokenizer, settings, seed, compile = runAsIs } = options;
    this.#generator = new TokenGenerator(model, { compile });
    this.#tokenizer = tokenizer;
    this.#settings = settings;
    this.#seed = seed;
  }

  async sample(step: number): Promise<SampleRecord> {
    const { prompt, maxTokens, temperature, topK, topP } = this.#settings;
    const tokenizer = this.#tokenizer;
    let text = '';
    for await (const piece of streamText(this.#generator, tokenizer.encode(prompt), {
      maximumTokens: maxTokens,
      temperature,
      ...(topK === undefined ? {} : { topK }),
      ...(topP === undefined ? {} : { topP }),
      seed: this.#seed,
      endOfText: tokenizer.endOfText,
      decode: (tokens) => tokenizer.decode(tokens),
    })) {
      text += piece;
    }
    return { kind: 'sample', step, prompt, text };
  }

  dispose(): void {
    this.#generator.dispose();
  }
}
