import { InputError } from '@dynact/files/input-error';
import { uniformStream } from '@dynact/nn';
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

/** Facts of the model behind the logits. */
interface GeneratedModel {
  /** The likeliest tokens, one of each sequence, step by step; none where `next` must be asked. */
  readonly likeliest?: (sequences: readonly (readonly number[])[], wanted: number) => Promise<number[][]>;
  readonly vocabularySize: number;
  /** Prompts at a time, at most. */
  readonly batch: number;
}

/**
 * Continues prompts token by token, by whatever finds the logits: a model here, or one that was exported.
 * @param next the logits [vocabularySize] of the token after each of the sequences
 * @yields the next token of each prompt, undefined where its text has ended
 * @throws InputError for an empty prompt, an id outside the vocabulary, or an option out of range
 */
export async function* generateTokens(
  next: (sequences: readonly (readonly number[])[]) => Promise<readonly Float32Array[]>,
  prompts: readonly (readonly number[])[],
  options: GenerationOptions & GeneratedModel,
): AsyncGenerator<(number | undefined)[]> {
  check(prompts, options);
  const { tokenBytes, endOfText, vocabularySize, maximumTokens, likeliest } = options;
  const sequences = prompts.map((prompt) => [...prompt]);
  const ended = prompts.map(() => false);
  const vocabulary = tokenBytes === undefined ? undefined : new Utf8Vocabulary(vocabularySize, tokenBytes, endOfText);
  const filters = prompts.map(() => (vocabulary === undefined ? undefined : new Utf8Filter(vocabulary)));
  const streams = prompts.map((_, row) => uniformStream(options.seed, row === 0 ? 'sampling' : `sampling/${row}`));
  const isLikeliest = options.temperature === 0 && vocabulary === undefined && (options.repetitionPenalty ?? 1) === 1;
  let ahead: number[][] = [];
  for (let count = 0; count < maximumTokens; count++) {
    if (isLikeliest && ahead.length === 0) ahead = (await likeliest?.(sequences, maximumTokens - count)) ?? [];
    const found = ahead.shift();
    const logits = found === undefined ? await next(sequences) : [];
    const tokens = sequences.map((sequence, row) => {
      const filter = filters[row];
      const possible = filter === undefined ? logits[row] : filter.apply(logits[row]!);
      const token = found?.[row] ?? sampleToken(possible!, options, streams[row]!, sequence);
      filter?.push(token);
      // Ended texts keep sampling, unreported, so that the batch keeps its shape.
      sequence.push(token);
      if (token === endOfText) ended[row] = true;
      return ended[row] ? undefined : token;
    });
    if (ended.every(Boolean)) return;
    yield tokens;
  }
}

function check(prompts: readonly (readonly number[])[], options: GenerationOptions & GeneratedModel): void {
  const { vocabularySize, batch, maximumTokens } = options;
  checkSamplingOptions(options);
  if (!(Number.isInteger(maximumTokens) && maximumTokens >= 1)) {
    throw new InputError('configuration', `max-tokens: ${maximumTokens} is not a whole number of 1 or more`);
  }
  if (prompts.length === 0 || prompts.length > batch) {
    throw new InputError(
      'configuration',
      `prompts: there are ${prompts.length}; this generator takes 1 to ${batch} at a time`,
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
