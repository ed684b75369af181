import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ended, until, Workbench } from './support/workbench.ts';

const bench = new Workbench();

/** The last step of a run, as summary.json and its checkpoint have it. */
function lastStep(run: string): number {
  return JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')).step;
}

describe('a run is not lost', () => {
  test('when the readers of its output go away', async () => {
    const out = bench.path('pipe');
    const child = bench.start(['train', ...bench.tiny({ 'training.checkpoint.every': 1 }), '--out', out]);
    child.stdout!.destroy();
    await new Promise((resolve) => child.stderr!.once('data', resolve));
    child.stderr!.destroy();
    const status = await new Promise((resolve) => child.on('exit', resolve));
    expect([status, lastStep(out)]).toEqual([0, 20]);
  }, 300_000);

  test('when its terminal is closed: SIGHUP saves as SIGTERM does', async () => {
    const out = bench.path('hang-up');
    const many = bench.tiny({ 'training.steps': 100_000, 'training.checkpoint.every': 100_000 });
    const child = bench.start(['train', ...many, '--out', out]);
    const outcome = ended(child);
    const log = join(out, 'metrics.jsonl');
    await until(() => existsSync(log) && /"step":3,/.test(readFileSync(log, 'utf8')), outcome);
    child.kill('SIGHUP');
    const { status, stderr } = await outcome;
    expect(status).toBe(129);
    const [, step = ''] = /stopped after step (\d+); go on with: dynact train --resume /.exec(stderr) ?? [];
    expect(existsSync(join(out, 'checkpoints', `step-${step.padStart(8, '0')}`, 'state.json'))).toBe(true);
  }, 300_000);

  test('of a comparison, when the reader of its progress goes away', async () => {
    const out = bench.path('gates');
    const settings = bench.tiny({ 'training.steps': 10, 'comparison.seeds': [0] });
    const child = bench.start(['compare', ...settings, '--out', out]);
    const table = new Promise<string>((resolve) => {
      let text = '';
      child.stdout!.on('data', (part) => {
        text += part;
      });
      child.stdout!.on('close', () => resolve(text));
    });
    await new Promise((resolve) => child.stderr!.once('data', resolve));
    child.stderr!.destroy();
    expect(await table).toContain('too few seeds to conclude');
    expect(['swiglu', 'dynactglu'].map((name) => lastStep(join(out, `${name}-seed-0`)))).toEqual([10, 10]);
  }, 300_000);
});
