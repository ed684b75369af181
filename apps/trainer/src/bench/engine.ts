import { compile, type OnnxRuntimeBackend, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { parseConfig, TrainStep } from '@dynact/training';
import { countModel, Gpt, resolveModelConfig, uniformStream } from '@dynact/transformer';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { Command, Option } from 'commander';

/** The two models of the engine benchmark. */
export const models = {
  a: { vocabSize: 4096, width: 256, layers: 4, heads: 4, context: 128, batchSize: 16 },
  b: { vocabSize: 8192, width: 384, layers: 6, heads: 4, context: 256, batchSize: 8 },
} as const;

/** What the benchmark prints. Rates are in 10^9 floating-point operations a second, times are medians. */
export interface EngineFigures {
  readonly model: keyof typeof models;
  readonly feedForward: string;
  readonly threads: number;
  readonly steps: number;
  readonly stepMilliseconds: number;
  readonly tokensPerSecond: number;
  readonly modelGflops: number;
  /** Median of 20 products of 2048 x 2048 x 2048 in the same process: the ceiling. */
  readonly gemmGflops: number;
  /** modelGflops / gemmGflops. */
  readonly ratio: number;
  /** Share of the step spent outside ONNX Runtime's run call. */
  readonly outsideRuntime: number;
  readonly peakResidentMegabytes: number;
}

export const engineCommand = new Command('engine')
  .description('a whole training step (forward, backward, AdamW) beside the matrix product it could reach')
  .addOption(new Option('--model <name>', 'which model').choices(Object.keys(models)).default('a'))
  .option('--steps <count>', 'timed steps, after three that are not', Number, 20)
  .option('--feed-forward <kind>', 'the feed-forward block', 'dynactglu')
  .option('--threads <count>', 'threads of ONNX Runtime; every core by default', Number)
  .option('--json', 'print one JSON document')
  .action(async (options: EngineOptions & { json?: boolean }) => {
    const figures = await measureEngine(options);
    console.log(options.json ? JSON.stringify(figures) : table(figures));
  });

interface EngineOptions {
  readonly model: keyof typeof models;
  readonly steps: number;
  readonly feedForward: string;
  readonly threads?: number;
}

/** Measures one model in this process. */
export async function measureEngine(options: EngineOptions): Promise<EngineFigures> {
  // No advice on other backends in the output.
  tf.enableProdMode();
  registerOnnxRuntimeBackend(options.threads === undefined ? {} : { threads: options.threads });
  await tf.setBackend('onnxruntime');
  const backend = tf.backend() as OnnxRuntimeBackend;

  const gemmSeconds = matrixProductSeconds(10);
  const step = await stepTimes(options, backend);
  gemmSeconds.push(...matrixProductSeconds(10));

  const { vocabSize, batchSize, ...architecture } = models[options.model];
  const config = parseConfig({ model: { ...architecture, feedForward: { kind: options.feedForward } } });
  const { flopsPerToken } = countModel(resolveModelConfig(config.model, vocabSize));
  const tokens = batchSize * architecture.context;
  const seconds = median(step.seconds);
  const gemmGflops = (2 * 2048 ** 3) / median(gemmSeconds) / 1e9;
  const modelGflops = (flopsPerToken * tokens) / seconds / 1e9;
  return {
    model: options.model,
    feedForward: options.feedForward,
    threads: backend.options.threads,
    steps: options.steps,
    stepMilliseconds: seconds * 1000,
    tokensPerSecond: tokens / seconds,
    modelGflops,
    gemmGflops,
    ratio: modelGflops / gemmGflops,
    outsideRuntime: 1 - median(step.runtimeSeconds) / seconds,
    peakResidentMegabytes: process.resourceUsage().maxRSS / 1000,
  };
}

async function stepTimes(
  options: EngineOptions,
  backend: OnnxRuntimeBackend,
): Promise<{ seconds: number[]; runtimeSeconds: number[] }> {
  const { vocabSize, batchSize, ...architecture } = models[options.model];
  const warmUp = 3;
  const config = parseConfig({
    model: { ...architecture, feedForward: { kind: options.feedForward } },
    training: { steps: options.steps + warmUp, batchSize },
  });
  const model = new Gpt(resolveModelConfig(config.model, vocabSize), 0);
  const trainStep = new TrainStep(model, config.training, compile);
  const uniform = uniformStream(0, 'benchmark');
  const seconds: number[] = [];
  const runtimeSeconds: number[] = [];
  for (let step = 1; step <= options.steps + warmUp; step++) {
    const size = batchSize * architecture.context;
    const inputs = Int32Array.from({ length: size }, () => Math.floor(uniform() * vocabSize));
    const targets = inputs.map((token) => (7 * token + 3) % vocabSize);
    const runtimeBefore = backend.statistics.runMs;
    const before = performance.now();
    await trainStep.run(step, [{ inputs, targets, dropoutMasks: [] }]);
    if (step > warmUp) {
      seconds.push((performance.now() - before) / 1000);
      runtimeSeconds.push((backend.statistics.runMs - runtimeBefore) / 1000);
    }
  }
  trainStep.dispose();
  model.dispose();
  return { seconds, runtimeSeconds };
}

/** Times of products of 2048 x 2048 matrices; only one number leaves the runtime, so no copy is timed. */
function matrixProductSeconds(count: number): number[] {
  const size = 2048;
  const [a, b] = [1, 2].map((seed) => tf.randomUniform<tf.Rank.R2>([size, size], -1, 1, 'float32', seed)) as [
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  const product = () => tf.tidy(() => tf.slice(tf.matMul(a, b), [size - 1, size - 1], [1, 1]).dataSync());
  product();
  const seconds = Array.from({ length: count }, () => {
    const before = performance.now();
    product();
    return (performance.now() - before) / 1000;
  });
  tf.dispose([a, b]);
  return seconds;
}

function table(figures: EngineFigures): string {
  const { vocabSize, width, layers, heads, context, batchSize } = models[figures.model];
  return [
    `model ${figures.model}: V ${vocabSize}, width ${width}, ${layers} layers, ${heads} heads, context ${context}, ` +
      `batch ${batchSize}, ${figures.feedForward}; AdamW included; ${figures.threads} threads`,
    `step            ${figures.stepMilliseconds.toFixed(1)} ms (median of ${figures.steps}), ${figures.tokensPerSecond.toFixed(0)} tokens/s`,
    `model           ${figures.modelGflops.toFixed(1)} GFLOP/s`,
    `matrix product  ${figures.gemmGflops.toFixed(1)} GFLOP/s (2048 x 2048 x 2048, same process)`,
    `ratio           ${figures.ratio.toFixed(3)}`,
    `outside runtime ${(100 * figures.outsideRuntime).toFixed(1)} % of the step`,
    `peak memory     ${figures.peakResidentMegabytes.toFixed(0)} MB`,
  ].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
