import { InputError } from '@dynact/files';
import { checkSamplingOptions, streamTexts, type TextPiece, TokenGenerator } from '@dynact/transformer';
import { type LoadedRun, type LoadOptions, loadOptionNames, loadRun } from './load-run.ts';
import { refuseUnknown } from './settings.ts';

export interface SampleOptions {
  /** Tokens to add at most; by default 128. */
  readonly maxTokens?: number;
  /** Divides the logits; 0 takes the most likely token; by default 0.8. */
  readonly temperature?: number;
  /** Draw from the k most likely tokens only. */
  readonly topK?: number;
  /** Draw from the fewest tokens with this probability together. */
  readonly topP?: number;
  /** Above 1, tokens that occurred become less likely. */
  readonly repetitionPenalty?: number;
  /** End before one of these texts. */
  readonly stop?: readonly string[];
  /** Seed of the draws; by default 0. */
  readonly seed?: number;
}

const names = {
  maxTokens: true,
  temperature: true,
  topK: true,
  topP: true,
  repetitionPenalty: true,
  stop: true,
  seed: true,
} satisfies Record<keyof SampleOptions, true>;

/**
 * Continues prompts together. @yields after each token one piece for every prompt, in their order
 * @throws InputError for options that cannot be
 */
export async function* streamSamples(
  { model, tokenizer, backend }: Pick<LoadedRun, 'model' | 'tokenizer' | 'backend'>,
  prompts: readonly string[],
  options: SampleOptions = {},
): AsyncGenerator<TextPiece[]> {
  refuseUnknown('streamSamples', options, names);
  const { maxTokens = 128, temperature = 0.8, topK, topP, repetitionPenalty, stop, seed = 0 } = options;
  const sampling = {
    temperature,
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
    ...(repetitionPenalty !== undefined && { repetitionPenalty }),
  };
  checkSamplingOptions(sampling);
  const generator = new TokenGenerator(model, { compile: backend.compile, batch: prompts.length });
  try {
    const tokens = prompts.map((prompt) => tokenizer.encode(prompt));
    yield* streamTexts(generator, tokens, {
      ...sampling,
      ...(stop !== undefined && { stopStrings: stop }),
      seed,
      maximumTokens: maxTokens,
      endOfText: tokenizer.endOfText,
      tokenBytes: (token) => tokenizer.tokenBytes(token),
      decode: (ids) => tokenizer.decode(ids),
    });
  } finally {
    generator.dispose();
  }
}

/**
 * Lets a trained model continue a text.
 * @param run what `train` or `loadRun` gave, or the path of a run or checkpoint folder
 * @returns the prompt and what follows
 * @throws InputError as `loadRun` and `streamSamples`
 */
export async function sample(
  run: string | { readonly directory: string } | LoadedRun,
  prompt: string,
  options: SampleOptions & LoadOptions = {},
): Promise<string> {
  refuseUnknown('sample', options, { ...names, ...loadOptionNames });
  const { plugins, backend, ...sampling } = options;
  const loaded = typeof run === 'object' && 'model' in run ? run : undefined;
  if (loaded !== undefined && (plugins ?? backend) !== undefined)
    throw new InputError(
      'usage',
      'sample: plugins and backend are of a run that is still to be loaded; leave them out',
    );
  const loading = { ...(plugins && { plugins }), ...(backend && { backend }) };
  const used =
    loaded ?? (await loadRun(typeof run === 'string' ? run : (run as { directory: string }).directory, loading));
  try {
    let text = prompt;
    for await (const [piece] of streamSamples(used, [prompt], sampling)) text += piece!.text;
    return text;
  } finally {
    if (loaded === undefined) used.model.dispose();
  }
}
