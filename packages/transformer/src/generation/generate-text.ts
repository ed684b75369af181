import type { Gpt } from '../model.ts';
import { type GenerationOptions, type GeneratorOptions, TokenGenerator } from './generate.ts';
import { TextStream } from './text-stream.ts';

export interface TextOptions extends GenerationOptions {
  /** Of the tokenizer. */
  readonly decode: (tokens: readonly number[]) => string;
  /** End the text where one of them would come. */
  readonly stopStrings?: readonly string[];
}

/**
 * Continues one prompt. @yields pieces of the text after the prompt, as soon as they are certain
 * @throws InputError as `TokenGenerator.generate`
 */
export async function* generateText(
  model: Gpt,
  prompt: readonly number[],
  options: TextOptions & Omit<GeneratorOptions, 'batch'>,
): AsyncGenerator<string> {
  const generator = new TokenGenerator(model, options);
  try {
    yield* streamText(generator, prompt, options);
  } finally {
    generator.dispose();
  }
}

/** The same with a generator that is kept. */
export async function* streamText(
  generator: TokenGenerator,
  prompt: readonly number[],
  options: TextOptions,
): AsyncGenerator<string> {
  const stream = new TextStream(options.decode, options.stopStrings);
  for await (const [token] of generator.generate([prompt], options)) {
    if (token === undefined) break;
    const piece = stream.push(token);
    if (piece !== '') yield piece;
    if (stream.stopped) return;
  }
  const rest = stream.end();
  if (rest !== '') yield rest;
}
