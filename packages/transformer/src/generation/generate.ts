import { type Compile, runAsIs } from '@dynact/nn';
import type { Gpt } from '../model.ts';
import { type GenerationOptions, generateTokens } from './generate-tokens.ts';
import { KeyValueCache } from './key-value-cache.ts';
import { FullRecomputation, type NextLogits } from './next-logits.ts';

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
  readonly #cached: KeyValueCache | undefined;

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
    const { context } = this.#model.config;
    const next = (sequences: readonly (readonly number[])[]) => {
      const fits = sequences.every(({ length }) => length <= context);
      const source = fits ? (this.#cached ?? this.#full) : this.#full;
      return source.next(sequences.map((tokens) => tokens.slice(-context)));
    };
    const cached = this.#cached;
    const likeliest = cached && { likeliest: cached.likeliest.bind(cached) };
    yield* generateTokens(next, prompts, { ...options, ...likeliest, batch: this.#batch, ...this.#model.config });
  }

  dispose(): void {
    this.#full.dispose();
    this.#cached?.dispose();
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
