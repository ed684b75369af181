import { spawn } from 'node:child_process';
import { duration, Interrupted } from '@dynact/command-line';
import { countModel } from '@dynact/transformer';
import { median } from 'simple-statistics';
import { type Absent, type Contender, type EngineName, lastLine } from './contenders.ts';
import type { EngineRun, TrainingFigures } from './figures.ts';
import { type Place, type Workload, warmUpSteps, workloadModel } from './models.ts';

/** Medians over the runs of an engine; each run is a process. */
export interface EngineRow extends Omit<EngineRun, 'training'> {
  readonly label: string;
  readonly note: string;
  readonly training: Omit<TrainingFigures, 'losses'> | null;
  /** Median over the rounds of its tokens a second / onnxruntime's of the same round; null where it cannot train. */
  readonly relativeSpeed: number | null;
  /** As above, for the forward pass alone. */
  readonly relativeForwardSpeed: number;
  /** Largest |loss - onnxruntime's| / onnxruntime's over the steps; null where the batches differ. */
  readonly lossDifference: number | null;
  readonly runs: readonly EngineRun[];
}

/**
 * Rounds of one run for every contender, in turns: forth, back, forth. A contender that fails is out.
 * @param report gets a line after each run, with the time left
 */
export async function runRounds(
  contenders: readonly Contender[],
  options: { workload: Workload; place: Place; signal: AbortSignal; report: (line: string) => void },
): Promise<{ runs: ReadonlyMap<Contender, readonly EngineRun[]>; failed: Absent[] }> {
  const { workload, place, signal, report } = options;
  const runs = new Map<Contender, EngineRun[]>(contenders.map((contender) => [contender, []]));
  const seconds = new Map(contenders.map((contender) => [contender, roughSeconds(contender.engine, workload, place)]));
  const failed: Absent[] = [];
  let waiting = turns(contenders);
  const total = waiting.length;
  for (let contender = waiting.shift(); contender !== undefined; contender = waiting.shift()) {
    const before = performance.now();
    const result = await runOnce(contender, signal);
    seconds.set(contender, (performance.now() - before) / 1000);
    let outcome: string;
    if ('reason' in result) {
      runs.delete(contender);
      failed.push({ label: contender.label, reason: result.reason });
      waiting = waiting.filter((other) => other !== contender);
      outcome = `failed (${result.reason})`;
    } else {
      runs.get(contender)!.push(result);
      outcome = summary(result);
    }
    const left = waiting.reduce((sum, next) => sum + seconds.get(next)!, 0);
    const time = waiting.length === 0 ? '' : `, about ${duration(left * 1000)} left`;
    report(`${total - waiting.length}/${total} ${contender.label}: ${outcome}${time}`);
  }
  return { runs, failed };
}

/** The order of all runs. */
export function turns<T extends { readonly rounds: number }>(contenders: readonly T[]): T[] {
  const rounds = Math.max(...contenders.map((contender) => contender.rounds));
  return Array.from({ length: rounds }, (_, round) => {
    const taking = contenders.filter((contender) => round < contender.rounds);
    return round % 2 === 0 ? taking : taking.toReversed();
  }).flat();
}

function summary({ training, forwardMilliseconds }: EngineRun): string {
  return training === null
    ? `${forwardMilliseconds.toFixed(0)} ms a forward pass`
    : `${training.stepMilliseconds.toFixed(0)} ms a step`;
}

async function runOnce(contender: Contender, signal: AbortSignal): Promise<EngineRun | { reason: string }> {
  const { file, parameters, environment } = contender;
  const child = spawn(file, parameters, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => child.kill();
  signal.addEventListener('abort', stop);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(undefined);
      else resolve(killedBy === null ? (lastLine(stderr) ?? `ended with ${code}`) : `killed by ${killedBy}`);
    });
  });
  signal.removeEventListener('abort', stop);
  if (signal.aborted) throw new Interrupted('stopped; nothing was printed');
  return ended === undefined ? (JSON.parse(lastLine(stdout) ?? '') as EngineRun) : { reason: ended };
}

/** The row of a contender. @param ours onnxruntime's runs of the same rounds */
export function summarize(
  { label, note }: Pick<Contender, 'label' | 'note'>,
  runs: readonly EngineRun[],
  ours: readonly EngineRun[],
): EngineRow {
  const [first] = runs as [EngineRun];
  const medianOf = (value: (run: EngineRun, round: number) => number) => median(runs.map(value));
  const ofTraining = (value: (training: TrainingFigures) => number) => medianOf((run) => value(run.training!));
  const ourTraining = ours[0]?.training ?? null;
  return {
    label,
    note,
    version: first.version,
    threads: first.threads,
    batchSize: first.batchSize,
    gemmGflops: medianOf((run) => run.gemmGflops),
    bareGemmGflops: medianOf((run) => run.bareGemmGflops),
    training:
      first.training === null
        ? null
        : {
            stepMilliseconds: ofTraining((training) => training.stepMilliseconds),
            tokensPerSecond: ofTraining((training) => training.tokensPerSecond),
            modelGflops: ofTraining((training) => training.modelGflops),
            ratio: ofTraining((training) => training.ratio),
            bareRatio: ofTraining((training) => training.bareRatio),
            outsideRuntime:
              first.training.outsideRuntime === null ? null : ofTraining((training) => training.outsideRuntime!),
          },
    forwardMilliseconds: medianOf((run) => run.forwardMilliseconds),
    forwardTokensPerSecond: medianOf((run) => run.forwardTokensPerSecond),
    peakResidentMegabytes: medianOf((run) => run.peakResidentMegabytes),
    relativeSpeed:
      first.training === null
        ? null
        : medianOf((run, round) => run.training!.tokensPerSecond / ours[round]!.training!.tokensPerSecond),
    relativeForwardSpeed: medianOf((run, round) => run.forwardTokensPerSecond / ours[round]!.forwardTokensPerSecond),
    lossDifference:
      first.training === null || first.batchSize !== ours[0]!.batchSize
        ? null
        : largestDifference(first.training.losses, ourTraining!.losses),
    runs,
  };
}

/** Largest relative difference of two courses of losses. */
export function largestDifference(losses: readonly number[], reference: readonly number[]): number {
  return Math.max(...losses.map((loss, step) => Math.abs(loss - reference[step]!) / Math.abs(reference[step]!)));
}

/** Rough rates of a training step in GFLOP/s (of the forward pass where an engine cannot train), for the announcement. */
const roughRates: Readonly<Record<EngineName, number>> = {
  onnxruntime: 180,
  tensorflow: 50,
  pytorch: 60,
  'pytorch-compile': 100,
  wasm: 7,
  cpu: 0.14,
};

/** A GPU's rate, as a multiple of two cores'. */
const gpuFactor = 50;

/** About how long one run takes, in seconds. */
export function roughSeconds(engine: EngineName, workload: Workload, { device }: Place): number {
  const { batchSize, context } = workload.shape;
  const ofStep = (countModel(workloadModel(workload)).flopsPerToken * batchSize * context) / 1e9;
  const product = (2 * workload.shape.productSize ** 3) / 1e9;
  const rate = roughRates[engine] * (device === 'cpu' ? 1 : gpuFactor);
  if (engine === 'cpu') return 3 + product / 0.7 + ofStep / batchSize / rate;
  if (engine === 'wasm') return 3 + (ofStep / 3) * (3 / rate) + (product * 4) / 20;
  const compilation = engine === 'pytorch-compile' ? 40 : 0;
  return 3 + compilation + ((workload.steps + warmUpSteps) * ofStep * 4) / 3 / rate + (product * 22) / 100;
}
