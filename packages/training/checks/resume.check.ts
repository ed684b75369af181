import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uniformStream } from '@dynact/nn';
import { readRunFolder } from '@dynact/runs';
import { beforeAll, expect, test } from 'vitest';
import { tinyDataset } from '../test/support/tiny-dataset.ts';

const child = fileURLToPath(new URL('train-child.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dynact-resume-'));
const uniform = uniformStream(Number(process.env.DYNACT_RESUME_SEED ?? 0), 'kills');
let datasetDirectory: string;
let expected: string;
let secondsToTrain: number;
let killsDuringWrite = 0;

function start(name: string): { process: ChildProcess; ended: Promise<number | null>; firstSign: Promise<void> } {
  const started = spawn(
    process.execPath,
    ['--conditions=@dynact/source', '--import', 'tsx', child, datasetDirectory, join(folder, name)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => started.on('exit', resolve));
  const firstSign = new Promise<void>((resolve) => started.stdout.once('data', () => resolve()));
  return { process: started, ended, firstSign };
}

/** Files that must be equal: the last checkpoint's files, and the log without its times. */
function outcome(name: string): string {
  const run = readRunFolder(join(folder, name));
  const records = run.records().map((record) => ({ ...record, elapsedMs: undefined, tokensPerSecond: undefined }));
  const { directory } = run.checkpoints().at(-1)!;
  const hash = createHash('sha256').update(JSON.stringify(records));
  for (const file of ['weights.safetensors', 'optimizer.safetensors']) hash.update(readFileSync(join(directory, file)));
  return hash.digest('hex');
}

function isWritingCheckpoint(name: string): boolean {
  const checkpoints = join(folder, name, 'checkpoints');
  return existsSync(checkpoints) && readdirSync(checkpoints).some((entry) => entry.startsWith('.tmp-'));
}

beforeAll(async () => {
  const dataset = await tinyDataset();
  datasetDirectory = dataset.directory;
  dataset.close();
  const whole = start('whole');
  await whole.firstSign;
  const before = performance.now();
  expect(await whole.ended).toBe(0);
  secondsToTrain = (performance.now() - before) / 1000;
  expected = outcome('whole');
});

test.each(Array.from({ length: 20 }, (_, run) => run))('run %i, killed twice, ends as the whole one', async (run) => {
  const name = `killed-${run}`;
  let duringWrite = 0;
  for (let kill = 0; kill < 2; kill++) {
    const victim = start(name);
    await Promise.race([victim.firstSign, victim.ended]);
    const deadline = performance.now() + 1000 * uniform() * secondsToTrain * 0.6;
    // Every other kill waits for a checkpoint that is being written.
    const wantsWrite = (run + kill) % 2 === 0;
    while (victim.process.exitCode === null) {
      if (performance.now() >= deadline && (!wantsWrite || isWritingCheckpoint(name))) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (victim.process.exitCode === null && wantsWrite) duringWrite++;
    victim.process.kill('SIGKILL');
    await victim.ended;
  }
  const last = start(name);
  expect(await last.ended).toBe(0);
  expect(outcome(name)).toBe(expected);
  killsDuringWrite += duringWrite;
  console.log(`run ${run}: ${duringWrite} of 2 kills during a checkpoint's write`);
});

test('some of the kills came while a checkpoint was written', () => {
  // Of twenty that waited for one; a run may end before.
  expect(killsDuringWrite).toBeGreaterThanOrEqual(5);
});
