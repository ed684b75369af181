import { availableParallelism, cpus } from 'node:os';
import { collect, interruptSignal, positive, textTable, wholeNumbers } from '@dynact/command-line';
import { Command } from 'commander';
import { linearRegression } from 'simple-statistics';
import { deviceName } from '../device-name.ts';
import { type EngineRow, runRounds, summarize } from '../engine/compare.ts';
import { type Absent, checkPythons, findContenders } from '../engine/contenders.ts';
import { models, type Place, type Shape, type Workload } from '../engine/models.ts';
import { writePytorchWorkload } from '../engine/pytorch-workload.ts';

/** The training step of one engine at one size. */
export interface GrowthPoint {
  /** The context, or the vocabulary. */
  readonly size: number;
  readonly tokensPerStep: number;
  readonly microsecondsPerToken: number;
  readonly peakResidentMegabytes: number;
}

/** How an engine's costs grow, its points by size. */
export interface Growth {
  readonly label: string;
  readonly points: readonly GrowthPoint[];
  /** Exponents of the size that fit time a token and memory best; null with one point. */
  readonly exponents: { readonly time: number; readonly memory: number } | null;
}

interface GrowthOptions {
  readonly sizes: readonly number[];
  readonly steps: number;
  readonly rounds: number;
  readonly threads: number;
  readonly device: Place['device'];
  readonly python?: readonly string[];
  readonly json?: boolean;
}

/** Tokens of a step, as far as a sequence is not longer. */
const tokensPerStep = 2048;

export const contextCommand = growthCommand(
  'context',
  'what a token costs in sequences of growing length, at 2048 tokens a step',
  [128, 256, 512, 1024, 2048, 4096],
  (context) => ({ ...models.a, context, batchSize: Math.max(1, Math.floor(tokensPerStep / context)) }),
);

export const vocabularyCommand = growthCommand(
  'vocabulary',
  'what a token costs with a growing vocabulary, at 2048 tokens a step',
  [1024, 4096, 16_384, 50_257],
  (vocabSize) => ({ ...models.a, vocabSize }),
);

function growthCommand(
  name: string,
  description: string,
  sizes: readonly number[],
  shapeOf: (size: number) => Shape,
): Command {
  return new Command(name)
    .description(`${description}: time and peak memory of a training step, beside PyTorch's, and how they grow`)
    .option('--sizes <numbers>', 'what to measure', wholeNumbers, [...sizes])
    .option('--steps <count>', 'timed steps of a process, after three that are not', positive, 5)
    .option('--rounds <count>', 'processes of each engine, in turns', positive, 1)
    .option('--threads <count>', 'of every engine; every core by default', positive, availableParallelism())
    .option('--python <path>', 'a Python that has PyTorch, instead of python3; may be given several times', collect)
    .option('--device <name>', 'cpu, webgpu, cuda, or cuda:1 for the second GPU', deviceName, 'cpu')
    .option('--json', 'print one JSON document')
    .action(async (options: GrowthOptions) => {
      const measured = await measureGrowth(options, shapeOf);
      console.log(options.json ? JSON.stringify(measured) : growthTable(name, measured));
    });
}

export interface GrowthFigures {
  readonly cpu: string;
  readonly threads: number;
  readonly steps: number;
  readonly rounds: number;
  readonly engines: readonly Growth[];
  readonly absent: readonly Absent[];
}

async function measureGrowth(options: GrowthOptions, shapeOf: (size: number) => Shape): Promise<GrowthFigures> {
  const { sizes, steps, rounds, threads, device, python: pythons = ['python3'] } = options;
  const place: Place = { device, tf32: true };
  checkPythons(pythons);
  const rows: { size: number; shape: Shape; row: EngineRow }[] = [];
  const absent = new Map<string, Absent>();
  const report = (line: string) => process.stderr.write(`${line}\n`);
  const { signal, release } = interruptSignal();
  try {
    for (const size of sizes) {
      // The matrix product beside the steps is not of interest here.
      const shape = { ...shapeOf(size), productSize: models.tiny.productSize };
      const workload: Workload = { shape, feedForward: 'dynactglu', steps };
      const pytorch = writePytorchWorkload(workload);
      try {
        const engines = ['pytorch'] as const;
        const found = await findContenders({
          engines,
          workload,
          place,
          threads,
          rounds,
          pythons,
          pytorchFolder: pytorch.folder,
        });
        report(`${size}:`);
        const { runs, failed } = await runRounds(found.contenders, { workload, place, signal, report });
        const ours = runs.get(found.contenders[0]!);
        if (ours === undefined) throw new Error(`onnxruntime at ${size}: ${failed[0]?.reason}`);
        for (const [contender, own] of runs) rows.push({ size, shape, row: summarize(contender, own, ours) });
        for (const each of [...found.absent, ...failed]) absent.set(each.label, each);
      } finally {
        pytorch.remove();
      }
    }
  } finally {
    release();
  }
  const labels = [...new Set(rows.map(({ row }) => row.label))];
  const engines = labels.map((label) => growthOf(label, rows.filter(({ row }) => row.label === label).map(pointOf)));
  return {
    cpu: device === 'cpu' ? (cpus()[0]?.model ?? '') : device,
    threads,
    steps,
    rounds,
    engines,
    absent: [...absent.values()],
  };
}

function pointOf({ size, shape, row }: { size: number; shape: Shape; row: EngineRow }): GrowthPoint {
  const { stepMilliseconds } = row.training!;
  const tokens = shape.batchSize * shape.context;
  return {
    size,
    tokensPerStep: tokens,
    microsecondsPerToken: (1000 * stepMilliseconds) / tokens,
    peakResidentMegabytes: row.peakResidentMegabytes,
  };
}

/** Points of one engine, with the exponents of their growth. */
export function growthOf(label: string, points: readonly GrowthPoint[]): Growth {
  const exponentOf = (value: (point: GrowthPoint) => number) =>
    linearRegression(points.map((point) => [Math.log(point.size), Math.log(value(point))])).m;
  const exponents =
    points.length < 2
      ? null
      : {
          time: exponentOf(({ microsecondsPerToken }) => microsecondsPerToken),
          memory: exponentOf(({ peakResidentMegabytes }) => peakResidentMegabytes),
        };
  return { label, points, exponents };
}

/** For people: times the cost of the first size in brackets. */
export function growthTable(name: string, { cpu, threads, steps, rounds, engines, absent }: GrowthFigures): string {
  const { width, layers, heads } = models.a;
  const rows = engines.flatMap(({ label, points, exponents }) => {
    const [first] = points;
    const times = (value: number, ofFirst: number) => `${(value / ofFirst).toFixed(2)} x`;
    const lines = points.map((point) => [
      label,
      String(point.size),
      String(point.tokensPerStep),
      ((point.microsecondsPerToken * point.tokensPerStep) / 1000).toFixed(0),
      point.microsecondsPerToken.toFixed(1),
      times(point.microsecondsPerToken, first!.microsecondsPerToken),
      point.peakResidentMegabytes.toFixed(0),
      times(point.peakResidentMegabytes, first!.peakResidentMegabytes),
    ]);
    if (exponents === null) return lines;
    return [...lines, [label, 'exponent', '', '', '', exponents.time.toFixed(2), '', exponents.memory.toFixed(2)]];
  });
  return [
    `width ${width}, ${layers} layers, ${heads} heads, dynactglu, AdamW; ${cpu}, ${threads} threads`,
    `medians of ${steps} steps in each of ${rounds} ${rounds === 1 ? 'process' : 'processes'}`,
    '',
    textTable([['training step', name, 'tokens', 'ms', 'us/token', '', 'peak MB', ''], ...rows]),
    ...absent.map(({ label, reason }) => `not measured: ${label}: ${reason}`),
  ].join('\n');
}
