import type { GenerationOptions } from './generate-tokens.ts';
import { TextStream } from './text-stream.ts';

export interface TextOptions extends GenerationOptions {
  /** Text of tokens, as the tokenizer has it. */
  readonly decode: (tokens: readonly number[]) => string;
  /** End a text where one of them would come. */
  readonly stopStrings?: readonly string[];
}

/** How the continuation of one prompt has grown. */
export interface TextPiece {
  /** Text that has become certain since the last piece; often empty. */
  readonly text: string;
  /** All tokens of this continuation so far, those of a stop string among them. */
  readonly tokens: number;
  /** Whether it is over: nothing more will come. */
  readonly ended: boolean;
}

/** Whatever continues prompts, as `TokenGenerator` does. */
interface TokenSource {
  generate(
    prompts: readonly (readonly number[])[],
    options: GenerationOptions,
  ): AsyncIterable<readonly (number | undefined)[]>;
}

/**
 * Continues prompts together. @yields after each token one piece for every prompt, in their order
 * @throws InputError as `TokenGenerator.generate`
 */
export async function* streamTexts(
  generator: TokenSource,
  prompts: readonly (readonly number[])[],
  options: TextOptions,
): AsyncGenerator<TextPiece[]> {
  const texts = prompts.map(() => ({ stream: new TextStream(options.decode, options.stopStrings), tokens: 0 }));
  const over = new Set<number>();
  const end = (row: number, text: string): TextPiece => {
    over.add(row);
    return { text, tokens: texts[row]!.tokens, ended: true };
  };
  for await (const tokens of generator.generate(prompts, options)) {
    yield tokens.map((token, row) => {
      const state = texts[row]!;
      if (over.has(row)) return { text: '', tokens: state.tokens, ended: true };
      if (token === undefined) return end(row, state.stream.end());
      state.tokens++;
      const text = state.stream.push(token);
      return state.stream.stopped ? end(row, text) : { text, tokens: state.tokens, ended: false };
    });
    if (over.size === prompts.length) return;
  }
  yield texts.map(({ stream }, row) => end(row, over.has(row) ? '' : stream.end()));
}
