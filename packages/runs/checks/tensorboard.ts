// Watches a run with a live TensorBoard, as a user has it (default flags), over a resume: `pnpm check:tensorboard`. It needs
// Python 3 with venv, and installs TensorBoard from PyPI into a folder that is deleted again; `TENSORBOARD=path` names one
// that is there.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createRunFolder, type RunFolder, TensorBoardLog } from '../src/index.ts';
import { runConfig, trainRecord } from '../test/support/values.ts';

const version = '2.21.0';
const address = 'http://127.0.0.1:6886';
const patienceMs = 300_000;

function install(folder: string): string {
  const installed = process.env.TENSORBOARD;
  if (installed !== undefined) return installed;
  const packages = [`tensorboard==${version}`, 'setuptools<81'];
  for (const [command, ...parameters] of [
    ['python3', '-m', 'venv', join(folder, 'venv')],
    [join(folder, 'venv', 'bin', 'pip'), 'install', '--quiet', ...packages],
  ]) {
    const { status } = spawnSync(command!, parameters, { stdio: 'inherit' });
    if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} ended with ${status}`);
  }
  return join(folder, 'venv', 'bin', 'tensorboard');
}

/** The scalars of a tag as TensorBoard shows them, by step; empty while it does not. */
async function shown(run: string, tag: string): Promise<[step: number, value: number][]> {
  try {
    const query = new URLSearchParams({ run, tag });
    const points = (await (await fetch(`${address}/data/plugin/scalars/scalars?${query}`)).json()) as number[][];
    return points.map(([, step, value]) => [step!, value!]);
  } catch {
    return [];
  }
}

async function waitFor(what: string, run: string, tag: string, expected: readonly [number, number][]): Promise<void> {
  const begun = Date.now();
  for (;;) {
    const points = await shown(run, tag);
    if (JSON.stringify(points) === JSON.stringify(expected)) break;
    if (Date.now() - begun > patienceMs) throw new Error(`${what}: TensorBoard shows ${JSON.stringify(points)}`);
    await setTimeout(500);
  }
  console.log(`ok  ${what} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
}

/** The hyperparameters by which the table of the HParams plugin filters. */
async function hyperparameters(): Promise<string[]> {
  const response = await fetch(`${address}/data/plugin/hparams/experiment`, {
    method: 'POST',
    body: JSON.stringify({ experimentName: '' }),
    headers: { 'content-type': 'application/json' },
  });
  const { hparamInfos } = (await response.json()) as { hparamInfos: { name: string }[] };
  return hparamInfos.map(({ name }) => name);
}

function log(run: RunFolder, tensorBoard: TensorBoardLog, steps: readonly number[], loss: number): void {
  for (const step of steps) {
    const record = { ...trainRecord(step), loss } as ReturnType<typeof trainRecord>;
    run.append(record);
    tensorBoard.append(record);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'dynact-tensorboard-'));
let server: ChildProcess | undefined;
try {
  const command = install(folder);
  const runs = join(folder, 'runs');
  const config = { ...runConfig, config: { seed: 3, model: { width: 16 } } };
  const names = ['swiglu-seed-3', 'dynactglu-seed-3'];
  const [run, other] = names.map((name) => createRunFolder(join(runs, name), config));
  new TensorBoardLog(other!, Date.now()).close();
  const first = new TensorBoardLog(run!, Date.now());
  const beta = { kind: 'activation', step: 0, layer: 0, name: 'beta', value: 0 } as const;
  run!.append(beta);
  first.append(beta);
  log(run!, first, [1, 2, 3, 4, 5], 4);
  server = spawn(command, ['--logdir', runs, '--port', '6886'], { stdio: ['ignore', 'ignore', 'inherit'] });
  await waitFor(
    'a run that trains',
    names[0]!,
    'train/loss',
    [1, 2, 3, 4, 5].map((step) => [step, 4]),
  );
  await waitFor('a scalar that begins at 0', names[0]!, 'activation/layer 0/beta', [[0, 0]]);
  // Stopped, and resumed from a checkpoint of step 3.
  first.close();
  run!.truncateAfter(3);
  const second = new TensorBoardLog(run!, Date.now());
  log(run!, second, [4, 5, 6, 7], 2);
  const resumed = [1, 2, 3, 4, 5, 6, 7].map((step): [number, number] => [step, step > 3 ? 2 : 4]);
  await waitFor('the run after it was resumed', names[0]!, 'train/loss', resumed);
  log(run!, second, [8], 2);
  await waitFor('its next step', names[0]!, 'train/loss', [...resumed, [8, 2]]);
  const known = await hyperparameters();
  for (const name of ['variant', 'seed']) {
    if (!known.includes(name)) throw new Error(`the HParams table lacks ${name}: it has ${known.join(', ')}`);
  }
  console.log(`ok  the HParams table filters by ${known.join(', ')}`);
  second.close();
  run!.close();
  other!.close();
} finally {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
}
