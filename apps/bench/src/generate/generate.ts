import { uniformStream } from '@dynact/nn';
import {
  compile,
  type Device,
  type OnnxRuntimeBackend,
  registerOnnxRuntimeBackend,
} from '@dynact/tfjs-backend-onnxruntime';
import { Gpt, modelConfigSchema, resolveModelConfig, TokenGenerator } from '@dynact/transformer';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { Command } from 'commander';
import { deviceName } from '../device-name.ts';

/** The model of the generation benchmark. */
const architecture = { width: 256, layers: 4, heads: 4 } as const;
const vocabularySize = 4096;

/** Printed figures. */
export interface GenerateFigures {
  readonly context: number;
  readonly batch: number;
  /** Generated after a prompt that fills the context up to them. */
  readonly tokens: number;
  readonly threads: number;
  readonly device: string;
  /** With keys and values kept, all rows of the batch counted; compiling and reading the prompt are not timed. */
  readonly cachedTokensPerSecond: number;
  /** The whole context computed for every token. */
  readonly fullTokensPerSecond: number;
  /** cachedTokensPerSecond / fullTokensPerSecond. */
  readonly speedup: number;
  /** Whether both gave the same tokens. */
  readonly equal: boolean;
}

export const generateCommand = new Command('generate')
  .description('greedy generation with kept keys and values beside full recomputation, at fixed shapes')
  .option('--context <tokens>', "the model's context", Number, 512)
  .option('--batch <count>', 'texts at a time', Number, 1)
  .option('--tokens <count>', 'tokens of each text', Number, 200)
  .option('--threads <count>', 'threads of ONNX Runtime; every core by default', Number)
  .option('--device <name>', 'cpu, webgpu, cuda, or cuda:1 for the second GPU', deviceName, 'cpu')
  .option('--json', 'print one JSON document')
  .action(async (options: GenerateOptions & { json?: boolean }) => {
    const figures = await measureGenerate(options);
    console.log(options.json ? JSON.stringify(figures) : table(figures));
  });

interface GenerateOptions {
  readonly context: number;
  readonly batch: number;
  readonly tokens: number;
  readonly threads?: number;
  readonly device: Device;
}

/** Measures both ways in this process. */
async function measureGenerate(options: GenerateOptions): Promise<GenerateFigures> {
  const { context, batch, tokens, threads, device } = options;
  registerOnnxRuntimeBackend({ device, ...(threads === undefined ? {} : { threads }) });
  await tf.setBackend('onnxruntime');
  const config = modelConfigSchema.parse({ ...architecture, context, feedForward: { kind: 'dynactglu' } });
  const model = new Gpt(resolveModelConfig(config, vocabularySize), 0);
  const uniform = uniformStream(0, 'benchmark');
  const prompts = Array.from({ length: batch }, () =>
    Array.from({ length: Math.max(1, context - tokens) }, () => Math.floor(uniform() * vocabularySize)),
  );
  const cached = await timeGeneration(model, prompts, tokens, true);
  const full = await timeGeneration(model, prompts, tokens, false);
  model.dispose();
  return {
    context,
    batch,
    tokens,
    device,
    threads: (tf.backend() as OnnxRuntimeBackend).options.threads,
    cachedTokensPerSecond: cached.tokensPerSecond,
    fullTokensPerSecond: full.tokensPerSecond,
    speedup: cached.tokensPerSecond / full.tokensPerSecond,
    equal: JSON.stringify(cached.texts) === JSON.stringify(full.texts),
  };
}

async function timeGeneration(
  model: Gpt,
  prompts: readonly number[][],
  count: number,
  cache: boolean,
): Promise<{ tokensPerSecond: number; texts: (number | undefined)[][] }> {
  const generator = new TokenGenerator(model, { compile, batch: prompts.length, cache });
  const greedy = { maximumTokens: count, temperature: 0, seed: 0 };
  // Long enough to have moved recent keys into the past once, so that every graph is compiled.
  for await (const _ of generator.generate(prompts, { ...greedy, maximumTokens: Math.min(count, 40) }));
  const texts: (number | undefined)[][] = [];
  let start = 0;
  for await (const tokens of generator.generate(prompts, greedy)) {
    // The first token comes with reading the prompt.
    if (texts.push(tokens) === 1) start = performance.now();
  }
  const seconds = (performance.now() - start) / 1000;
  generator.dispose();
  return { tokensPerSecond: ((count - 1) * prompts.length) / seconds, texts };
}

function table(figures: GenerateFigures): string {
  const { width, layers, heads } = architecture;
  const rate = (value: number) => `${value.toFixed(0)} tokens/s`;
  return [
    `V ${vocabularySize}, width ${width}, ${layers} layers, ${heads} heads, context ${figures.context}, ` +
      `batch ${figures.batch}, ${figures.tokens} greedy tokens; ${figures.threads} threads${figures.device === 'cpu' ? '' : `, on ${figures.device}`}`,
    `keys and values kept  ${rate(figures.cachedTokensPerSecond)}`,
    `full recomputation    ${rate(figures.fullTokensPerSecond)}`,
    `speedup               ${figures.speedup.toFixed(1)} (same tokens: ${figures.equal ? 'yes' : 'no'})`,
  ].join('\n');
}
