import { type SelectedBackend, selectBackend, shareOfCores } from '@dynact/backends';
import { duration, printable } from '@dynact/command-line';
import { createEvaluationWindows, type PreparedDataset } from '@dynact/data';
import { type Config, expectedTime, type MeasuredSpeed, measureSpeed, planModel } from '@dynact/training';
import { memoryOf } from './training-memory.ts';

/** Milliseconds from the start of this process until its code was loaded: a worker takes as long. */
const loadingCode = performance.now();

/** The speed of a configuration on this machine; a string says why it is not measured. */
export type Speed = MeasuredSpeed | string;

/** Trains a few steps of each configuration, one after the other. @param threads of the backend, which is that of the first */
export async function measureSpeeds(configs: readonly Config[], threads?: number): Promise<Speed[]> {
  const speeds: Speed[] = [];
  const { backend } = configs[0]!;
  const startedAt = performance.now();
  let compile: SelectedBackend['compile'];
  try {
    ({ compile } = await selectBackend({ ...backend, ...(threads === undefined ? {} : { threads }) }, 'train'));
  } catch (error) {
    // A plan may be for another machine.
    return configs.map(() => (error instanceof Error ? error.message : String(error)));
  }
  const loading = loadingCode + performance.now() - startedAt;
  for (const config of configs) {
    const { total } = planModel(config).memory;
    if (total > ((await memoryOf(config))?.available ?? Number.POSITIVE_INFINITY)) {
      speeds.push('it needs more memory than is free');
      continue;
    }
    const speed = await measureSpeed(config, compile);
    speeds.push(
      speed === undefined
        ? 'a part of a sequence alone takes too long to be tried'
        : { ...speed, start: loading + speed.start },
    );
  }
  return speeds;
}

/** Milliseconds of a whole run. @param dataset the text; where it is not prepared, the whole split is not counted */
export function timeOfRun(config: Config, speed: MeasuredSpeed, dataset: PreparedDataset | undefined): number {
  const tokens = dataset?.splits.validation;
  const windows = tokens === undefined ? 0 : createEvaluationWindows({ tokens, context: config.model.context }).count;
  return expectedTime(config, speed, windows);
}

/** Threads of each run: those that run at a time share the cores. */
export function threadsOfRun({ backend, comparison }: Config): number {
  return shareOfCores(comparison.jobs, backend.threads);
}

/** A line for each fact, behind its name. */
export function describeFacts(facts: readonly (readonly [string, string])[]): string {
  const width = 2 + Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, text]) => `${name.padEnd(width)}${printable(text)}`).join('\n');
}

/** `1,585 MB`; tenths where there are few */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: bytes < 1e7 ? 1 : 0 })} MB`;
}

/** `110 ms`, `2.4 s` */
export function milliseconds(time: number): string {
  return time < 10_000 ? `${time < 1000 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(1)} s`}` : duration(time);
}
