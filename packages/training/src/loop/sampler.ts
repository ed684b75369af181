import type { Tokenizer } from '@dynact/data';
import { type Compile, runAsIs } from '@dynact/nn';
import type { SampleRecord } from '@dynact/runs/records';
import { type Gpt, streamTexts, type TextOptions, TokenGenerator } from '@dynact/transformer';
import type { TrainingConfig } from '../config/schema.ts';

/** Lets the model write while it learns. Each sample draws with the same numbers, so that what differs is the model. */
export class Sampler {
  readonly #generator: TokenGenerator;
  readonly #prompt: string;
  readonly #tokens: readonly number[];
  readonly #options: TextOptions;

  constructor(options: {
    model: Gpt;
    tokenizer: Tokenizer;
    settings: NonNullable<TrainingConfig['sample']>;
    seed: number;
    compile?: Compile;
  }) {
    const { model, tokenizer, settings, seed, compile = runAsIs } = options;
    const { prompt, maxTokens, temperature, topK, topP } = settings;
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

  async sample(step: number): Promise<SampleRecord> {
    let text = '';
    for await (const [piece] of streamTexts(this.#generator, [this.#tokens], this.#options)) text += piece!.text;
    return { kind: 'sample', step, prompt: this.#prompt, text };
  }

  dispose(): void {
    this.#generator.dispose();
  }
}
