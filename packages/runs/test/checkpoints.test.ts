import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { startChild } from '../../../test/support/child-process.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { createRunFolder, locateCheckpoint, openRunFolder, type RunFolder, readRunFolder } from '../src/index.ts';
import { checkpointOf, runConfig, trainRecord } from './support/values.ts';

function newRun(): { folder: string; checkpoints: string; run: RunFolder } {
  const folder = join(temporaryFolder(), 'run');
  return { folder, checkpoints: join(folder, 'checkpoints'), run: createRunFolder(folder, runConfig) };
}
const steps = (run: { checkpoints(): { step: number }[] }) => run.checkpoints().map(({ step }) => step);
const temporaries = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('.tmp-'));

describe('checkpoints', () => {
  test('brings back weights, optimizer and state exactly', () => {
    const { folder, run } = newRun();
    const state = { value: 3, random: { seed: 2 ** 40 }, list: [1, null] };
    const weights = new Map([['a', { shape: [2], data: Float32Array.of(0.1, -0) }]]);
    const optimizer = new Map([['step', { shape: [], data: Float32Array.of(7) }]]);
    expect(run.writeCheckpoint(7, { weights, optimizer, state }).directory).toMatch(/step-00000007$/);
    run.close();
    const read = readRunFolder(folder).readCheckpoint();
    expect(read).toMatchObject({ step: 7, state: { ...state, step: 7 } });
    expect(read.weights).toEqual(weights);
    expect(read.optimizer).toEqual(optimizer);
    expect(readRunFolder(folder).readCheckpoint(7, { optimizer: false }).optimizer.size).toBe(0);
  });

  test('lists by step, finds the latest, and says which there are', () => {
    const { folder, run } = newRun();
    expect(inputErrorOf(() => run.readCheckpoint())).toContain('no checkpoint yet');
    for (const step of [20, 9, 100_000_000, 100]) run.writeCheckpoint(step, checkpointOf(step));
    run.close();
    expect(steps(run)).toEqual([9, 20, 100, 100_000_000]);
    expect(run.readCheckpoint().step).toBe(100_000_000);
    expect(run.readCheckpoint(20).weights.get('weights')?.data[0]).toBe(20);
    expect(inputErrorOf(() => run.readCheckpoint(21))).toBe(
      `${folder} has no checkpoint of step 21; it has 9, 20, 100, 100000000`,
    );
  });

  test('replaces a checkpoint of the same step', () => {
    const { checkpoints, run } = newRun();
    run.writeCheckpoint(5, checkpointOf(1));
    run.writeCheckpoint(5, checkpointOf(2));
    run.close();
    expect(steps(run)).toEqual([5]);
    expect(run.readCheckpoint(5).state).toEqual({ step: 5, value: 2 });
    expect(temporaries(checkpoints)).toEqual([]);
  });

  test('takes only complete ones, and removes what a kill left', () => {
    const { folder, checkpoints, run } = newRun();
    run.writeCheckpoint(1, checkpointOf(1));
    run.close();
    for (const [step, file] of ['weights.safetensors', 'optimizer.safetensors'].entries()) {
      const incomplete = join(checkpoints, `step-0000010${step}`);
      mkdirSync(incomplete);
      writeFileSync(join(incomplete, file), '');
    }
    mkdirSync(join(checkpoints, '.tmp-1-1-step-00000009'));
    writeFileSync(join(checkpoints, '.tmp-1-1-step-00000009', 'weights.safetensors'), 'half');
    writeFileSync(join(folder, '.tmp-1-2-summary.json'), '{');
    expect(steps(readRunFolder(folder))).toEqual([1]);
    expect(temporaries(folder).length).toBe(1);
    const reopened = openRunFolder(folder);
    reopened.close();
    expect([...temporaries(folder), ...temporaries(checkpoints)]).toEqual([]);
    expect(steps(reopened)).toEqual([1]);
  });

  test('leaves nothing behind when writing fails', () => {
    const { checkpoints, run } = newRun();
    run.writeCheckpoint(1, checkpointOf(1));
    const wrong = { ...checkpointOf(2), optimizer: new Map([['a', { shape: [2], data: new Float32Array(3) }]]) };
    expect(() => run.writeCheckpoint(2, wrong)).toThrow('does not fit');
    run.close();
    expect(readdirSync(checkpoints)).toEqual(['step-00000001']);
  });

  test('prunes all but the last ones and the best', () => {
    const { checkpoints, run } = newRun();
    for (const step of [1, 2, 3, 4, 5]) run.writeCheckpoint(step, checkpointOf(step));
    run.pruneCheckpoints({ keep: 2, best: 1 });
    expect(steps(run)).toEqual([1, 4, 5]);
    run.pruneCheckpoints({ keep: 2 });
    expect(steps(run)).toEqual([4, 5]);
    run.pruneCheckpoints({ keep: 0 });
    expect(steps(run)).toEqual([5]);
    run.pruneCheckpoints({ keep: 9 });
    run.close();
    expect(readdirSync(checkpoints)).toEqual(['step-00000005']);
  });

  test('says what is damaged and how to go on', () => {
    const { checkpoints, run } = newRun();
    const { directory } = run.writeCheckpoint(1, checkpointOf(1));
    run.close();
    const advice = 'delete that checkpoint folder to use the one before it';
    const weights = join(directory, 'weights.safetensors');
    const whole = readFileSync(weights);
    const changed = Uint8Array.from(whole);
    changed[whole.length - 2]! ^= 1;
    writeFileSync(weights, changed);
    expect(inputErrorOf(() => run.readCheckpoint())).toBe(
      `${weights} is damaged: its sha256 is not the one that was recorded as it was written; ${advice}`,
    );
    writeFileSync(weights, whole);
    expect(run.readCheckpoint().step).toBe(1);
    // A checkpoint of before had no digests.
    const state = join(directory, 'state.json');
    const { sha256: _, ...early } = JSON.parse(readFileSync(state, 'utf8'));
    writeFileSync(state, JSON.stringify(early));
    writeFileSync(weights, changed);
    expect(run.readCheckpoint().step).toBe(1);
    truncateSync(weights, 1000);
    expect(inputErrorOf(() => run.readCheckpoint())).toMatch(
      /weights\.safetensors is cut off: it lacks \d+ bytes of its values; delete/,
    );
    writeFileSync(join(directory, 'state.json'), '{\n  "step": }\n');
    expect(inputErrorOf(() => run.readCheckpoint())).toMatch(new RegExp(`state.json is not valid JSON .*; ${advice}$`));
    writeFileSync(join(directory, 'state.json'), '{"step": -1}');
    expect(inputErrorOf(() => run.readCheckpoint())).toContain('state.json: step:');
    rmSync(join(directory, 'state.json'));
    expect(existsSync(checkpoints)).toBe(true);
    expect(inputErrorOf(() => run.readCheckpoint())).toContain('no checkpoint yet');
  });

  test('of a run that has ended: the last one is not replaced by an earlier one in silence', () => {
    const { folder, checkpoints, run } = newRun();
    for (const step of [1, 2]) run.writeCheckpoint(step, checkpointOf(step));
    const counts = { tokensPerSecond: 1, parameters: 1, activationParameters: 0, flopsPerToken: 1 };
    run.writeSummary({ status: 'finished', step: 2, tokens: 2, final: null, best: null, wholeSplit: null, ...counts });
    run.close();
    expect(readRunFolder(folder).readCheckpoint().step).toBe(2);
    rmSync(join(checkpoints, 'step-00000002', 'state.json'));
    const earlier = join(checkpoints, 'step-00000001');
    expect(inputErrorOf(() => readRunFolder(folder).readCheckpoint())).toBe(
      `${folder} ended at step 2, and checkpoints/step-00000002 is gone or incomplete; bring it back, or use ${earlier} by its path, or delete summary.json to train on after step 1`,
    );
    expect(readRunFolder(folder).readCheckpoint(1).step).toBe(1);
  });

  test('is found by the path of the run or of the checkpoint', () => {
    const { folder, checkpoints, run } = newRun();
    run.writeCheckpoint(3, checkpointOf(3));
    run.close();
    expect(locateCheckpoint(folder)).toMatchObject({ which: 'latest', run: { directory: folder } });
    const found = locateCheckpoint(join(checkpoints, 'step-00000003'));
    expect(found.run.readCheckpoint(found.which).step).toBe(3);
    const missing = locateCheckpoint(join(checkpoints, 'step-00000004'));
    expect(inputErrorOf(() => missing.run.readCheckpoint(missing.which))).toContain('it has 3');
    expect(inputErrorOf(() => locateCheckpoint(join(folder, 'elsewhere')))).toContain('does not exist');
    expect(inputErrorOf(() => locateCheckpoint(checkpoints))).toContain('is not a run folder');
    // A run may itself have the name of a checkpoint.
    const odd = join(folder, 'step-00000001');
    createRunFolder(odd, runConfig).close();
    expect(locateCheckpoint(odd)).toMatchObject({ which: 'latest', run: { directory: odd } });
  });
});

describe('a process killed while it writes', () => {
  test('leaves whole checkpoints, never ahead of the log, and a folder that can be opened', async () => {
    const { folder, checkpoints, run } = newRun();
    run.close();
    for (let round = 0; round < 6; round += 1) {
      const child = startChild(new URL('./support/children/write-checkpoints.ts', import.meta.url), folder);
      await child.printed('writing');
      await new Promise((resolve) => setTimeout(resolve, round * 7));
      child.process.kill('SIGKILL');
      await child.ended();

      const reader = readRunFolder(folder);
      const entries = reader.checkpoints();
      expect(entries.length).toBeGreaterThan(0);
      for (const { step } of entries) {
        const { weights, optimizer, state } = reader.readCheckpoint(step);
        expect(state).toEqual({ step, value: step });
        expect(new Set(weights.get('weights')!.data)).toEqual(new Set([step]));
        expect(new Set(optimizer.get('moments')!.data)).toEqual(new Set([step]));
      }
      const records = reader.records();
      expect(records).toEqual(records.map((_, index) => trainRecord(index + 1)));
      expect(records.length).toBeGreaterThanOrEqual(entries.at(-1)!.step);

      const reopened = openRunFolder(folder);
      reopened.truncateAfter(entries.at(-1)!.step);
      reopened.close();
      expect([...temporaries(folder), ...temporaries(checkpoints)]).toEqual([]);
      expect(readdirSync(checkpoints).length).toBe(entries.length);
    }
  });
});
