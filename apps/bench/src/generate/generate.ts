import { availableParallelism, cpus } from 'node:os';
import { positive, textTable, wholeNumbers } from '@dynact/command-line';
import { uniformStream } from '@dynact/nn';
import { compile, type Device, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { countModel, Gpt, modelConfigSchema, resolveModelConfig, TokenGenerator } from '@dynact/transformer';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { Command } from 'commander';
import { deviceName } from '../device-name.ts';
import { checkPythons } from '../engine/contenders.ts';
import { runTransformers, type TransformersRun } from './transformers.ts';

/** The model of the generation benchmark. */
const architecture = { width: 256, layers: 4, heads: 4 } as const;
const vocabularySize = 4096;

/** Tokens that full recomputation writes at most, all rows of a batch counted: it takes as long as a prompt for each. */
const mostRecomputed = 64;

/** Figures of one batch. */
interface GenerateRow {
  readonly batch: number;
  /** With keys and values kept, all rows of the batch counted; compiling and reading the prompt are not timed. */
  readonly cachedTokensPerSecond: number;
  /** The whole context computed for every token. */
  readonly fullTokensPerSecond: number;
  /** Whether both gave the same tokens, as far as the latter wrote. */
  readonly equal: boolean;
  readonly transformers: TransformersRun | { readonly reason: string };
  /** cachedTokensPerSecond / that of transformers; null without it. */
  readonly speed: number | null;
}

/** Printed figures. */
export interface GenerateFigures {
  readonly cpu: string;
  readonly context: number;
  /** Generated after a prompt that fills the context up to them. */
  readonly tokens: number;
  readonly threads: number;
  readonly device: string;
  readonly megabytesOfWeights: number;
  readonly rows: readonly GenerateRow[];
}

interface GenerateOptions {
  readonly context: number;
  readonly batch: readonly number[];
  readonly tokens: number;
  readonly threads: number;
  readonly device: Device;
  readonly python: string;
  readonly json?: boolean;
}

export const generateCommand = new Command('generate')
  .description('greedy generation with kept keys and values beside full recomputation and beside transformers')
  .option('--context <tokens>', "the model's context", positive, 512)
  .option('--batch <counts>', 'texts at a time', wholeNumbers, [1, 16, 64])
  .option('--tokens <count>', 'tokens of each text', positive, 200)
  .option('--threads <count>', 'of both; every core by default', positive, availableParallelism())
  .option('--device <name>', 'of both: cpu, webgpu, cuda, or cuda:1 for the second GPU', deviceName, 'cpu')
  .option('--python <path>', 'a Python that has transformers and PyTorch', 'python3')
  .option('--json', 'print one JSON document')
  .action(async (options: GenerateOptions) => {
    const figures = await measureGenerate(options);
    console.log(options.json ? JSON.stringify(figures) : generateTable(figures));
  });

/** Measures both ways in this process, and transformers in others. */
async function measureGenerate(options: GenerateOptions): Promise<GenerateFigures> {
  const { context, tokens, threads, device, python } = options;
  checkPythons([python]);
  registerOnnxRuntimeBackend({ threads, device });
  await tf.setBackend('onnxruntime');
  const config = modelConfigSchema.parse({ ...architecture, context, feedForward: { kind: 'dynactglu' } });
  const model = new Gpt(resolveModelConfig(config, vocabularySize), 0);
  const uniform = uniformStream(0, 'benchmark');
  const rows: GenerateRow[] = [];
  for (const batch of options.batch) {
    const prompts = Array.from({ length: batch }, () =>
      Array.from({ length: Math.max(1, context - tokens) }, () => Math.floor(uniform() * vocabularySize)),
    );
    const cached = await timeGeneration(model, prompts, tokens, true);
    const recomputed = Math.min(tokens, Math.max(2, Math.floor(mostRecomputed / batch)));
    const full = await timeGeneration(model, prompts, recomputed, false);
    const { hiddenWidth } = model.config.feedForwards[0]!;
    const workload = { ...architecture, vocabularySize, hiddenWidth, context, batch, tokens, threads, device };
    const transformers = await runTransformers(python, workload);
    rows.push({
      batch,
      cachedTokensPerSecond: cached.tokensPerSecond,
      fullTokensPerSecond: full.tokensPerSecond,
      equal: JSON.stringify(cached.texts.slice(0, recomputed)) === JSON.stringify(full.texts),
      transformers,
      speed: 'reason' in transformers ? null : cached.tokensPerSecond / transformers.tokensPerSecond,
    });
  }
  const megabytesOfWeights = (countModel(model.config).parameters * Float32Array.BYTES_PER_ELEMENT) / 1e6;
  model.dispose();
  return { cpu: cpus()[0]?.model ?? '', context, tokens, threads, device, megabytesOfWeights, rows };
}

async function timeGeneration(
  model: Gpt,
  prompts: readonly number[][],
  count: number,
  cache: boolean,
): Promise<{ tokensPerSecond: number; texts: (number | undefined)[][] }> {
  const generator = new TokenGenerator(model, { compile, batch: prompts.length, cache });
  const greedy = { maximumTokens: count, temperature: 0, seed: 0 };
  // Until every graph is compiled: recent keys are moved into the past, and but for CUDA several tokens found in a call.
  for (let warm = 0; warm < (cache ? 300 : 1); warm += count) {
    for await (const _ of generator.generate(prompts, { ...greedy, maximumTokens: cache ? count : 2 }));
  }
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

export function generateTable(figures: GenerateFigures): string {
  const { width, layers, heads } = architecture;
  const { rows, megabytesOfWeights } = figures;
  const lines = rows.map(({ batch, cachedTokensPerSecond, fullTokensPerSecond, equal, transformers, speed }) => [
    String(batch),
    cachedTokensPerSecond.toFixed(0),
    ((megabytesOfWeights * cachedTokensPerSecond) / batch / 1000).toFixed(1),
    fullTokensPerSecond.toFixed(0),
    equal ? 'yes' : 'no',
    'reason' in transformers ? '' : transformers.tokensPerSecond.toFixed(0),
    speed === null ? '' : `${speed.toFixed(2)} x`,
  ]);
  const notes = new Set(
    rows.map(({ transformers }) =>
      'reason' in transformers
        ? `not measured: transformers: ${transformers.reason}`
        : `transformers ${transformers.version}`,
    ),
  );
  return [
    `V ${vocabularySize}, width ${width}, ${layers} layers, ${heads} heads (${megabytesOfWeights.toFixed(1)} MB of weights), ` +
      `context ${figures.context}, ${figures.tokens} greedy tokens; ${figures.cpu}, ${figures.threads} threads${figures.device === 'cpu' ? '' : `, on ${figures.device}`}`,
    '',
    textTable([['batch', 'tokens/s', 'GB/s of weights', 'recomputed', 'same tokens', 'transformers', ''], ...lines]),
    ...notes,
  ].join('\n');
}
