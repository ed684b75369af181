import { InputError } from '@dynact/files/input-error';
import { type Compile, runAsIs, uniformStream } from '@dynact/nn';
import type { Gpt } from '../model.ts';
import { KeyValueCache } from './key-value-cache.ts';
import { FullRecomputation, type NextLogits } from './next-logits.ts';
import { checkSamplingOptions, type SamplingOptions, sampleToken } from './sampling.ts';
import { Utf8Filter, Utf8Vocabulary } from './utf8.ts';

export interface GenerationOptions extends SamplingOptions {
  readonly maximumTokens: number;
  readonly seed: number;
  /** Ends the text; it is not yielded. */
  readonly endOfText?: number;
  /** Bytes of a token. Given, only tokens that leave the text valid UTF-8 are drawn: a model with little training, or a
   * small vocabulary of single bytes, would else write text that does not decode. */
  readonly tokenBytes?: (token: number) => Uint8Array;
}

export interface GeneratorOptions {
  readonly compile?: Compile;
  /** Sequences at a time. */
  readonly batch?: number;
  /** Reads keys and values of the past from a cache (default); false computes the whole context for every token. */
  readonly cache?: boolean;
}

/** Continues prompts token by token. Its compiled functions serve many prompts; dispose it. */
export class TokenGenerator {
  readonly #model: Gpt;
  readonly #batch: number;
  readonly #full: NextLogits;
  readonly #cached: NextLogits | undefined;

  constructor(model: Gpt, { compile = runAsIs, batch = 1, cache = true }: GeneratorOptions = {}) {
    this.#model = model;
    this.#batch = batch;
    this.#full = new FullRecomputation(model, batch, compile);
    this.#cached = cache ? new KeyValueCache(model, batch, compile) : undefined;
  }

  /**
   * Past `context` tokens the model sees the last `context` of them; then keys and values no longer apply, because every
   * one of them has seen tokens that are gone, and the whole context is computed for each token.
   * @param prompts token ids, at least one each; at most `batch` prompts
   * @yields the next token of each prompt, undefined where its text has ended
   * @throws InputError for an empty prompt, an id outside the vocabulary, or an option out of range
   */
  async *generate(
    prompts: readonly (readonly number[])[],
    options: GenerationOptions,
  ): AsyncGenerator<(number | undefined)[]> {
    this.#check(prompts, options);
    const { context, vocabularySize } = this.#model.config;
    const sequences = prompts.map((prompt) => [...prompt]);
    const ended = prompts.map(() => false);
    const { tokenBytes, endOfText } = options;
    const vocabulary = tokenBytes === undefined ? undefined : new Utf8Vocabulary(vocabularySize, tokenBytes, endOfText);
    const filters = prompts.map(() => (vocabulary === undefined ? undefined : new Utf8Filter(vocabulary)));
    const streams = prompts.map((_, row) => uniformStream(options.seed, row === 0 ? 'sampling' : `sampling/${row}`));
    for (let count = 0; count < options.maximumTokens; count++) {
      const fits = sequences.every(({ length }) => length <= context);
      const source = fits ? (this.#cached ?? this.#full) : this.#full;
      const logits = await source.next(sequences.map((tokens) => tokens.slice(-context)));
      const tokens = sequences.map((sequence, row) => {
        const filter = filters[row];
        const possible = filter === undefined ? logits[row]! : filter.apply(logits[row]!);
        const token = sampleToken(possible, options, streams[row]!, sequence);
        filter?.push(token);
        // Ended texts keep sampling, unreported, so that the batch keeps its shape.
        sequence.push(token);
        if (token === options.endOfText) ended[row] = true;
        return ended[row] ? undefined : token;
      });
      if (ended.every(Boolean)) return;
      yield tokens;
    }
  }

  dispose(): void {
    this.#full.dispose();
    this.#cached?.dispose();
  }

  #check(prompts: readonly (readonly number[])[], options: GenerationOptions): void {
    const { vocabularySize } = this.#model.config;
    checkSamplingOptions(options);
    if (!(Number.isInteger(options.maximumTokens) && options.maximumTokens >= 1)) {
      throw new InputError('configuration', `max-tokens: ${options.maximumTokens} is not a whole number of 1 or more`);
    }
    if (prompts.length === 0 || prompts.length > this.#batch) {
      throw new InputError(
        'configuration',
        `prompts: there are ${prompts.length}; this generator takes 1 to ${this.#batch} at a time`,
      );
    }
    for (const prompt of prompts) {
      if (prompt.length === 0) throw new InputError('configuration', 'prompt: it is empty; give at least one token');
      const wrong = prompt.find((token) => !(Number.isInteger(token) && token >= 0 && token < vocabularySize));
      if (wrong !== undefined) {
        throw new InputError('configuration', `prompt: token ${wrong} is outside the vocabulary of ${vocabularySize}`);
      }
    }
  }
}

/** Continues one prompt with a generator of its own. @yields tokens. @throws InputError as `TokenGenerator.generate` */
export async function* generate(
  model: Gpt,
  prompt: readonly number[],
  options: GenerationOptions & Omit<GeneratorOptions, 'batch'>,
): AsyncGenerator<number> {
  const generator = new TokenGenerator(model, options);
  try {
    for await (const [token] of generator.generate([prompt], options)) if (token !== undefined) yield token;
  } finally {
    generator.dispose();
  }
}
