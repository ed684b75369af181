import { availableParallelism } from 'node:os';
import type { BackendConfig } from '@dynact/backends';
import { collect, duration, interruptSignal, names, positive } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { Command, InvalidArgumentError, Option } from 'commander';
import { deviceName } from '../device-name.ts';
import { type EngineRow, roughSeconds, runRounds, summarize } from './compare.ts';
import { type Absent, checkPythons, type EngineName, engineNames, findContenders } from './contenders.ts';
import type { TrainingFigures } from './figures.ts';
import { type ModelName, models, type Place, type Workload, workloadModel } from './models.ts';
import { writePytorchWorkload } from './pytorch-workload.ts';
import { engineTable } from './table.ts';

interface EngineOptions extends Omit<Workload, 'shape'> {
  readonly model: ModelName;
  readonly device: BackendConfig['device'];
  readonly fp32?: boolean;
  readonly rounds: number;
  readonly engines?: readonly EngineName[];
  readonly python?: readonly string[];
  readonly threads: number;
  readonly json?: boolean;
}

/** Output of `--json`: onnxruntime's medians, and beside them every engine's. Rates are in 10^9 operations a second. */
export interface EngineFigures extends Omit<TrainingFigures, 'losses' | 'outsideRuntime'> {
  readonly model: ModelName;
  readonly device: string;
  readonly feedForward: string;
  readonly threads: number;
  /** Timed steps of each process. */
  readonly steps: number;
  readonly rounds: number;
  readonly gemmGflops: number;
  readonly bareGemmGflops: number;
  /** Share of the step spent outside ONNX Runtime's run call. */
  readonly outsideRuntime: number;
  readonly peakResidentMegabytes: number;
  readonly forwardMilliseconds: number;
  readonly engines: readonly EngineRow[];
  readonly absent: readonly Absent[];
}

export const engineCommand = new Command('engine')
  .description(
    'a whole training step (forward, backward, AdamW) beside the matrix product it could reach, and beside the same on other engines',
  )
  .addOption(new Option('--model <name>', 'which model').choices(Object.keys(models)).default('a'))
  .option('--steps <count>', 'timed steps of a process, after three that are not', positive, 20)
  .option('--rounds <count>', 'processes of each engine, in turns', positive, 3)
  .option(
    '--engines <names>',
    `what to measure beside onnxruntime: some of ${engineNames.join(',')}; all by default, but cpu only of small models`,
    engineList,
  )
  .option('--python <path>', 'a Python that has PyTorch, instead of python3; may be given several times', collect)
  .option('--feed-forward <kind>', 'the feed-forward block', 'dynactglu')
  .option(
    '--threads <count>',
    'of every engine that has threads; every core by default',
    positive,
    availableParallelism(),
  )
  .option('--device <name>', 'cpu, webgpu, cuda, or cuda:1 for the second GPU', deviceName, 'cpu')
  .option('--fp32', 'on cuda: keep all bits of what is multiplied; TF32 by default, as in training')
  .option('--json', 'print one JSON document')
  .action(async (options: EngineOptions) => {
    const figures = await compareEngines(options);
    console.log(
      options.json
        ? JSON.stringify(figures)
        : engineTable(
            options.model,
            { shape: models[options.model], ...options },
            placeOf(options),
            figures.engines,
            figures.absent,
          ),
    );
  });

/** Measures every engine in processes of its own, in turns. */
async function compareEngines(options: EngineOptions): Promise<EngineFigures> {
  const { model, feedForward, steps, rounds, threads, python = ['python3'] } = options;
  const place = placeOf(options);
  const engines = options.engines ?? engineNames.filter((name) => !leftOut(name, model));
  const workload: Workload = { shape: models[model], feedForward, steps };
  checkPythons(python);
  // Wrong input is found here, before the first process.
  workloadModel(workload);
  const { signal, release } = interruptSignal();
  const pytorch = engines.some((engine) => engine.startsWith('pytorch')) ? writePytorchWorkload(workload) : undefined;
  try {
    const pytorchFolder = pytorch?.folder ?? '';
    const found = await findContenders({ engines, workload, place, threads, rounds, pythons: python, pytorchFolder });
    const seconds = found.contenders.reduce(
      (sum, { engine, rounds }) => sum + rounds * roughSeconds(engine, workload, place),
      0,
    );
    const labels = found.contenders.map(({ label }) => label).join(', ');
    const report = (line: string) => process.stderr.write(`${line}\n`);
    report(
      `model ${model} on ${labels}${place.device === 'cpu' ? '' : `, on ${place.device}`}: about ${duration(seconds * 1000)}`,
    );
    const { runs, failed } = await runRounds(found.contenders, { workload, place, signal, report });
    const [ours] = found.contenders;
    const ourRuns = runs.get(ours!);
    if (ourRuns === undefined) {
      const reason = `onnxruntime: ${failed[0]?.reason}`;
      throw place.device === 'cpu' ? new Error(reason) : new InputError('device', reason);
    }
    const rows = found.contenders.flatMap((contender) => {
      const own = runs.get(contender);
      return own === undefined ? [] : [summarize(contender, own, ourRuns)];
    });
    const unasked = engineNames.filter((name) => options.engines === undefined && leftOut(name, model));
    const reason = 'left out, because a step takes minutes; --engines names it';
    return figuresOf(options, rows, [...found.absent, ...failed, ...unasked.map((label) => ({ label, reason }))]);
  } finally {
    pytorch?.remove();
    release();
  }
}

function placeOf({ device, fp32 = false }: EngineOptions): Place {
  return { device, tf32: !fp32 };
}

/** Engines that are measured only when they are asked for. */
function leftOut(engine: EngineName, model: ModelName): boolean {
  return engine === 'cpu' && model !== 'a' && model !== 'tiny';
}

function figuresOf(options: EngineOptions, rows: readonly EngineRow[], absent: readonly Absent[]): EngineFigures {
  const { model, device, feedForward, steps, rounds } = options;
  const [{ training, threads, gemmGflops, bareGemmGflops, peakResidentMegabytes, forwardMilliseconds }] = rows as [
    EngineRow,
  ];
  const { stepMilliseconds, tokensPerSecond, modelGflops, ratio, bareRatio, outsideRuntime } = training!;
  return {
    model,
    device,
    feedForward,
    threads,
    steps,
    rounds,
    stepMilliseconds,
    tokensPerSecond,
    modelGflops,
    gemmGflops,
    bareGemmGflops,
    ratio,
    bareRatio,
    outsideRuntime: outsideRuntime!,
    peakResidentMegabytes,
    forwardMilliseconds,
    engines: rows,
    absent,
  };
}

function engineList(text: string): EngineName[] {
  return names(text).map((name) => {
    const known = engineNames.find((engine) => engine === name);
    if (known === undefined) throw new InvalidArgumentError(`"${name}" is none of ${engineNames.join(', ')}.`);
    return known;
  });
}
