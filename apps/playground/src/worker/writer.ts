import {
  createEvaluationWindows,
  createTokenizer,
  type Tokenizer,
  tokenizeText,
  tokensInMemory,
} from '@dynact/data/tokens';
import type { StoredTensor } from '@dynact/runs/format';
import { type Config, type Evaluation, Evaluator, loadWeights } from '@dynact/training/learning';
import { type Gpt, resolveModelConfig, streamTexts, type TextPiece, TokenGenerator } from '@dynact/transformer';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { useWasm } from './backends.ts';

/** A model to write with. */
interface Loading {
  readonly config: Config;
  readonly weights: ReadonlyMap<string, StoredTensor>;
}

interface Wish {
  readonly prompt: string;
  readonly temperature: number;
  readonly seed: number;
  readonly maximumTokens: number;
}

let starting: Promise<void> | undefined;
let loaded: { model: Gpt; tokenizer: Tokenizer; generator: TokenGenerator } | undefined;
let text: AsyncGenerator<TextPiece[]> | undefined;

/** Writes and evaluates in a worker, beside the one that trains. */
export const writer = {
  /** Takes a model in place of the one before. */
  async load(loading: Loading): Promise<void> {
    await text?.return(undefined);
    loaded?.generator.dispose();
    loaded?.model.dispose();
    loaded = undefined;
    const { model, tokenizer } = await modelOf(loading);
    loaded = { model, tokenizer, generator: new TokenGenerator(model) };
  },

  /** Begins a text; `next` has its pieces. */
  async begin({ prompt, ...options }: Wish): Promise<void> {
    const { tokenizer, generator } = theModel();
    await text?.return(undefined);
    text = streamTexts(generator, [tokenizer.encode(prompt)], {
      ...options,
      endOfText: tokenizer.endOfText,
      tokenBytes: (token) => tokenizer.tokenBytes(token),
      decode: (tokens) => tokenizer.decode(tokens),
    });
  },

  /** The next piece of the text; undefined at its end. */
  async next(): Promise<string | undefined> {
    const { value, done } = (await text?.next()) ?? { done: true };
    return done || value === undefined ? undefined : value[0]!.text;
  },

  /** The loss of a model over the whole validation split of a text. */
  async evaluate(loading: Loading, corpus: string): Promise<Evaluation> {
    const { config, model, tokenizer } = await modelOf(loading);
    const { validation } = tokenizeText(corpus, tokenizer);
    const windows = createEvaluationWindows({ tokens: tokensInMemory(validation), context: model.config.context });
    try {
      return await new Evaluator({ model, windows, tokenizer, batchSize: config.training.batchSize }).evaluate();
    } finally {
      model.dispose();
    }
  },
};

export type Writer = typeof writer;

async function modelOf({ config, weights }: Loading): Promise<{ config: Config; model: Gpt; tokenizer: Tokenizer }> {
  setWasmPaths(new URL('wasm/', self.location.href).href);
  starting ??= useWasm();
  await starting;
  const { encoding, vocabSize } = config.dataset;
  const tokenizer = await createTokenizer({ encoding, vocabularySize: vocabSize });
  const checkpoint = { step: 0, directory: 'model', weights, optimizer: new Map(), state: { step: 0 } };
  return { config, tokenizer, model: loadWeights(resolveModelConfig(config.model, vocabSize), checkpoint) };
}

function theModel() {
  if (loaded === undefined) throw new Error('no model is loaded');
  return loaded;
}
