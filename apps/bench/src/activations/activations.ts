import { uniformStream } from '@dynact/nn';
import { compile, type OnnxRuntimeBackend, registerOnnxRuntimeBackend } from '@dynact/tfjs-backend-onnxruntime';
import { gptBatch, Learner, parseConfig } from '@dynact/training';
import { Gpt, resolveModelConfig } from '@dynact/transformer';
import { median } from 'simple-statistics';
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { Command } from 'commander';
import { models } from '../engine/models.ts';
import { type GateFigures, measureGates } from './gates.ts';

/** Printed figures; times are medians, in milliseconds. */
export interface ActivationFigures {
  readonly baseline: string;
  readonly feedForward: string;
  readonly threads: number;
  /** Timed steps of each model. */
  readonly steps: number;
  /** A whole training step of model A of the engine benchmark. */
  readonly baselineStep: number;
  readonly feedForwardStep: number;
  /** Median over the rounds of feedForward's fastest step / baseline's fastest step of that round. */
  readonly stepRatio: number;
  /** Smallest and largest ratio of a round. */
  readonly stepRatioRange: readonly [number, number];
  /** Fastest step of feedForward / fastest step of baseline: what a busy machine disturbs least. */
  readonly fastestRatio: number;
  /** Each gate alone, forward and backward. */
  readonly gates: readonly GateFigures[];
}

interface ActivationsOptions {
  readonly feedForward: string;
  readonly baseline: string;
  readonly rounds: number;
}

export const activationsCommand = new Command('activations')
  .description('what a gate costs: a training step beside that of another gate, and each gate alone')
  .option('--feed-forward <kind>', 'the feed-forward block', 'dynactglu')
  .option('--baseline <kind>', 'the block that it is compared with', 'swiglu')
  .option('--rounds <count>', 'turns that each takes', Number, 8)
  .option('--json', 'print one JSON document')
  .action(async (options: ActivationsOptions & { json?: boolean }) => {
    const figures = await measureActivations(options);
    console.log(options.json ? JSON.stringify(figures) : table(figures));
  });

async function measureActivations(options: ActivationsOptions): Promise<ActivationFigures> {
  registerOnnxRuntimeBackend();
  await tf.setBackend('onnxruntime');
  const backend = tf.backend() as OnnxRuntimeBackend;
  const { feedForward, baseline, rounds } = options;
  const kinds = [baseline, feedForward].map((kind) => ({ ...trainer(kind), turns: [] as number[][] }));
  // Alternating turns meet the same weather; the first step of a turn pays for what the other model left in the caches.
  const [warmUp, untimed, timed] = [3, 1, 3];
  for (const { step } of kinds) for (let count = 0; count < warmUp; count++) await step();
  for (let round = 0; round < rounds; round++) {
    for (const { step, turns } of round % 2 === 0 ? kinds : kinds.toReversed()) {
      for (let count = 0; count < untimed; count++) await step();
      const times: number[] = [];
      for (let count = 0; count < timed; count++) {
        const before = performance.now();
        await step();
        times.push(performance.now() - before);
      }
      turns.push(times);
    }
  }
  for (const { dispose } of kinds) dispose();
  const [baselineTurns, feedForwardTurns] = kinds.map(({ turns }) => turns) as [number[][], number[][]];
  const ratios = baselineTurns.map((turn, round) => Math.min(...feedForwardTurns[round]!) / Math.min(...turn));
  return {
    baseline,
    feedForward,
    threads: backend.options.threads,
    steps: rounds * timed,
    baselineStep: median(baselineTurns.flat()),
    feedForwardStep: median(feedForwardTurns.flat()),
    stepRatio: median(ratios),
    stepRatioRange: [Math.min(...ratios), Math.max(...ratios)],
    fastestRatio: Math.min(...feedForwardTurns.flat()) / Math.min(...baselineTurns.flat()),
    gates: measureGates(rounds),
  };
}

/** A model A with this block, and a step of its training on random tokens. */
function trainer(kind: string): { step: () => Promise<void>; dispose: () => void } {
  const { vocabSize, batchSize, productSize: _, ...architecture } = models.a;
  const config = parseConfig({
    model: { ...architecture, feedForward: { kind } },
    training: { steps: 100_000, batchSize },
  });
  const model = new Gpt(resolveModelConfig(config.model, vocabSize), 0);
  const learner = new Learner(model, config.training, compile);
  const uniform = uniformStream(0, 'benchmark');
  let count = 0;
  return {
    async step() {
      const size = batchSize * architecture.context;
      const inputs = Int32Array.from({ length: size }, () => Math.floor(uniform() * vocabSize));
      const targets = inputs.map((token) => (7 * token + 3) % vocabSize);
      await learner.trainStep.run(++count, [gptBatch(model, { inputs, targets })]);
    },
    dispose() {
      learner.dispose();
    },
  };
}

function table(figures: ActivationFigures): string {
  const { baseline, feedForward, baselineStep, feedForwardStep, stepRatio, steps, threads, gates } = figures;
  const range = figures.stepRatioRange.map((ratio) => ratio.toFixed(3)).join(' to ');
  return [
    `training step of model a, medians of ${steps}, ${threads} threads:`,
    `  ${baseline.padEnd(12)} ${baselineStep.toFixed(1).padStart(8)} ms`,
    `  ${feedForward.padEnd(12)} ${feedForwardStep.toFixed(1).padStart(8)} ms   ${stepRatio.toFixed(3)} x (rounds: ${range}; fastest steps: ${figures.fastestRatio.toFixed(3)} x)`,
    'gate alone, forward and backward, [2048, 688]:',
    ...gates.map(
      ({ gate, milliseconds, ratio }) =>
        `  ${gate.padEnd(12)} ${milliseconds.toFixed(2).padStart(8)} ms   ${ratio.toFixed(2)} x swiglu`,
    ),
  ].join('\n');
}
