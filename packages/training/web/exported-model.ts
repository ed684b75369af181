import { BytePairTokenizer, type Tokenizer } from '@dynact/data/tokens';
import * as ort from 'onnxruntime-web/wasm';
import type { WebModel } from '../src/export/web-model.ts';

/** A model that was exported with its cache, in onnxruntime-web. */
export class ExportedModel {
  readonly description: WebModel;
  readonly tokenizer: Tokenizer;
  readonly #session: ort.InferenceSession;
  /** Tokens whose keys and values are in the cache. */
  #known: readonly number[] = [];
  #cache: Record<string, ort.Tensor> = {};

  private constructor(description: WebModel, session: ort.InferenceSession) {
    const { tokenizer, vocabularySize, endOfText } = description;
    const { encoding, tokens, pattern } = tokenizer;
    this.description = description;
    this.tokenizer = new BytePairTokenizer(
      { encoding, vocabularySize },
      endOfText,
      tokens,
      new RegExp(pattern.source, pattern.flags),
    );
    this.#session = session;
  }

  /** Loads the files beside the page. */
  static async load(): Promise<ExportedModel> {
    // Threads need headers that a plain server does not send.
    ort.env.wasm.numThreads = 1;
    // As bytes: compiling while it loads needs a server that knows the type of WebAssembly.
    ort.env.wasm.wasmBinary = await read('ort-wasm-simd-threaded.wasm').then((file) => file.arrayBuffer());
    const description: WebModel = await read('model.json').then((file) => file.json());
    const session = await ort.InferenceSession.create('model.onnx', { executionProviders: ['wasm'] });
    return new ExportedModel(description, session);
  }

  /**
   * The logits after a text. Beyond `context` tokens the model sees the last of them; then no key holds, since each has
   * seen tokens that are gone.
   * @returns [vocabularySize]
   */
  async next(tokens: readonly number[]): Promise<Float32Array> {
    const { context, vocabularySize } = this.description;
    const seen = tokens.slice(-context);
    const isOneMore =
      this.#known.length > 0 &&
      seen.length === this.#known.length + 1 &&
      this.#known.every((token, index) => token === seen[index]);
    const read = isOneMore ? seen.slice(-1) : seen;
    if (!isOneMore) this.#cache = this.#emptyCache();
    const ids = new ort.Tensor('int64', BigInt64Array.from(read, BigInt), [1, read.length]);
    const { logits, ...present } = await this.#session.run({ input_ids: ids, ...this.#cache });
    this.#cache = Object.fromEntries(
      Object.entries(present).map(([name, tensor]) => [name.replace(/^present/, 'past'), tensor as ort.Tensor]),
    );
    this.#known = seen;
    return (logits!.data as Float32Array).slice(-vocabularySize);
  }

  #emptyCache(): Record<string, ort.Tensor> {
    const { layers, kvHeads, headWidth } = this.description;
    const names = Array.from({ length: layers }, (_, layer) => [`past.${layer}.key`, `past.${layer}.value`]).flat();
    const empty = () => new ort.Tensor('float32', new Float32Array(), [1, kvHeads, 0, headWidth]);
    return Object.fromEntries(names.map((name) => [name, empty()]));
  }
}

/** @throws Error in one sentence where the file is not beside the page */
async function read(name: string): Promise<Response> {
  const response = await fetch(name).catch(() => undefined);
  if (!response?.ok) throw new Error(`${name} cannot be loaded: serve the whole folder, as "npx http-server" does`);
  return response;
}
