import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { probeBackends } from '@dynact/backends';
import { textTable } from '@dynact/command-line';
import { uniformStream } from '@dynact/nn';
import { readRunFolder } from '@dynact/runs';
import type { MetricsRecord } from '@dynact/runs/records';
import { Command } from 'commander';
import { median } from 'simple-statistics';
import { largestDifference } from '../engine/compare.ts';
import { lastLine } from '../engine/contenders.ts';

/** The program that is started, never imported: no room imports an app. */
const trainer = '@dynact/trainer/main';

/** Losses that the trainer logged on one backend. */
export interface LoggedRun {
  readonly training: readonly number[];
  readonly evaluations: readonly number[];
  readonly text: string;
  readonly tokensPerSecond: number;
}

export interface LossesRow {
  readonly backend: string;
  readonly steps: number;
  /** Largest |loss - onnxruntime's| / onnxruntime's of a step. */
  readonly trainingDifference: number;
  /** Losses of the evaluations, the first before any step. */
  readonly evaluationDifference: number;
  /** Whether the model writes the same text after the last step. */
  readonly sameText: boolean;
  readonly tokensPerSecond: number;
}

/** A difference above this is an error: rounding gives a thousandth of it. */
const tolerance = 1e-4;

export const lossesCommand = new Command('losses')
  .description('the losses of one small run of the trainer on every backend that can train here, beside onnxruntime')
  .option('--json', 'print one JSON document')
  .action(async ({ json }: { json?: boolean }) => {
    const names = (await probeBackends()).filter(({ loads, trains }) => loads && trains).map(({ name }) => name);
    const others = names.filter((name) => name !== 'onnxruntime');
    const rows = compareLosses(['onnxruntime', ...others]);
    console.log(json ? JSON.stringify(rows) : table(rows));
    if (rows.some(differs)) process.exitCode = 1;
  });

/** Trains the same run on each backend, in processes of their own. @throws Error when a run fails */
function compareLosses(backends: readonly string[]): LossesRow[] {
  const folder = mkdtempSync(join(tmpdir(), 'dynact-losses-'));
  try {
    mkdirSync(join(folder, 'datasets'));
    writeFileSync(join(folder, 'words.txt'), someText());
    const runs = backends.map((backend) => trainOn(backend, folder));
    return runs.map((run, index) => lossesRow(backends[index]!, run, runs[0]!));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Thirty paragraphs of random words: enough for a training and a validation split, evaluated in seconds by any backend. */
function someText(): string {
  const uniform = uniformStream(0, 'words');
  const letters = 'etaoinshrdlu';
  const word = () =>
    Array.from({ length: 2 + Math.floor(4 * uniform()) }, () => letters[Math.floor(12 * uniform())]).join('');
  const words = Array.from({ length: 200 }, word);
  const paragraph = () => Array.from({ length: 60 }, () => words[Math.floor(200 * uniform() ** 2)]).join(' ');
  return Array.from({ length: 30 }, () => `${paragraph()}.`).join('\n\n');
}

function trainOn(backend: string, folder: string): LoggedRun {
  const settings = {
    'dataset.name': join(folder, 'words.txt'),
    'dataset.vocabSize': 512,
    'model.layers': 2,
    'model.width': 64,
    'model.context': 32,
    'model.feedForward.kind': 'dynactglu',
    'training.steps': 20,
    'training.batchSize': 8,
    'training.schedule.warmupSteps': 5,
    'training.evaluation.every': 5,
    'training.sample': { prompt: 'the', maxTokens: 24 },
    'backend.name': backend,
  };
  const out = join(folder, backend);
  const main = fileURLToPath(import.meta.resolve(trainer));
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`]);
  const { status, stderr } = spawnSync(process.execPath, [...process.execArgv, main, 'train', ...set, '--out', out], {
    encoding: 'utf8',
    env: { ...process.env, DYNACT_DATASETS: join(folder, 'datasets') },
  });
  if (status !== 0) throw new Error(`${backend}: ${lastLine(stderr) ?? `ended with ${status}`}`);
  return loggedRun(readRunFolder(out).records());
}

export function loggedRun(records: readonly MetricsRecord[]): LoggedRun {
  const steps = records.filter((record) => record.kind === 'train');
  return {
    training: steps.map(({ loss }) => loss),
    evaluations: records.filter((record) => record.kind === 'evaluation').map(({ loss }) => loss),
    text: records.findLast((record) => record.kind === 'sample')?.text ?? '',
    tokensPerSecond: median(steps.map(({ tokensPerSecond }) => tokensPerSecond)),
  };
}

export function lossesRow(backend: string, run: LoggedRun, ours: LoggedRun): LossesRow {
  return {
    backend,
    steps: run.training.length,
    trainingDifference: largestDifference(run.training, ours.training),
    evaluationDifference: largestDifference(run.evaluations, ours.evaluations),
    sameText: run.text === ours.text,
    tokensPerSecond: run.tokensPerSecond,
  };
}

/** NaN differs. */
export function differs({ trainingDifference, evaluationDifference }: LossesRow): boolean {
  return !(trainingDifference <= tolerance && evaluationDifference <= tolerance);
}

function table(rows: readonly LossesRow[]): string {
  const difference = (value: number) => (value === 0 ? '0' : value.toExponential(0));
  return textTable([
    ['the trainer on', 'steps', 'training losses', 'evaluations', 'same text', 'tokens/s', ''],
    ...rows.map((row) => [
      row.backend,
      `${row.steps}`,
      difference(row.trainingDifference),
      difference(row.evaluationDifference),
      row.sameText ? 'yes' : 'no',
      row.tokensPerSecond.toFixed(0),
      differs(row) ? `differs by more than ${tolerance}` : '',
    ]),
  ]);
}
