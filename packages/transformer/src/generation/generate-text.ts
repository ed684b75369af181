import type { Gpt } from '../model.ts';
import { type GeneratorOptions, TokenGenerator } from './generate.ts';
import { streamTexts, type TextOptions } from './stream-texts.ts';

/**
 * Continues one prompt with a generator of its own. @yields pieces of the text after the prompt, as soon as they are
 * certain @throws InputError as `TokenGenerator.generate`
 */
export async function* generateText(
  model: Gpt,
  prompt: readonly number[],
  options: TextOptions & Omit<GeneratorOptions, 'batch'>,
): AsyncGenerator<string> {
  const generator = new TokenGenerator(model, options);
  try {
    for await (const [piece] of streamTexts(generator, [prompt], options)) if (piece!.text !== '') yield piece!.text;
  } finally {
    generator.dispose();
  }
}
