import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { createRunFolder, locateCheckpoint, openRunFolder, readRunFolder } from '../src/index.ts';
import type { RunConfig, Summary } from '../src/records/index.ts';
import { checkpointOf, runConfig, trainRecord } from './support/values.ts';

const point = { step: 2, loss: 4, metrics: { perplexity: 54.6, bitsPerByte: 1.9 } };
const summary: Summary = {
  status: 'finished',
  step: 2,
  tokens: 128,
  final: point,
  best: point,
  wholeSplit: point,
  tokensPerSecond: 1000,
  parameters: 10,
  activationParameters: 2,
  flopsPerToken: 60,
};

describe('run folder', () => {
  test('holds the files of the contract', () => {
    const folder = join(temporaryFolder(), 'deep', 'run');
    const run = createRunFolder(folder, runConfig);
    run.append(trainRecord(1));
    run.writeCheckpoint(1, checkpointOf(1));
    expect(readRunFolder(folder).readSummary()).toBeUndefined();
    run.writeSummary(summary);
    run.close();
    expect(readdirSync(folder).sort()).toEqual(['checkpoints', 'config.json', 'metrics.jsonl', 'summary.json']);
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['step-00000001']);
    expect(readdirSync(join(folder, 'checkpoints', 'step-00000001')).sort()).toEqual([
      'optimizer.safetensors',
      'state.json',
      'weights.safetensors',
    ]);
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toEqual(runConfig);
    const reader = readRunFolder(folder);
    expect(reader.config).toEqual(runConfig);
    expect(reader.readSummary()).toEqual(summary);
    expect(reader.records()).toEqual([trainRecord(1)]);
  });

  test('is made over a run that crashed before its first step, and over nothing else', () => {
    const folder = temporaryFolder();
    const crashed = createRunFolder(folder, runConfig);
    crashed.append({ kind: 'activation', step: 0, layer: 0, name: 'alpha', value: 1 });
    crashed.close();
    writeFileSync(join(folder, 'events.out.tfevents.1.dynact'), 'old');
    const next = createRunFolder(folder, { ...runConfig, gitCommit: 'b'.repeat(40) });
    expect(readRunFolder(folder).config.gitCommit).toBe('b'.repeat(40));
    expect(readdirSync(folder).sort()).toEqual(['.lock', 'config.json', 'metrics.jsonl']);
    next.writeCheckpoint(0, checkpointOf(0));
    next.close();
    expect(inputErrorOf(() => createRunFolder(folder, runConfig))).toContain('holds a run already; resume it');
    rmSync(join(folder, 'checkpoints'), { recursive: true });
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    expect(inputErrorOf(() => createRunFolder(folder, runConfig))).toContain('holds other files (notes.txt)');
    expect(readdirSync(folder)).toContain('metrics.jsonl');
  });

  test('goes on by another configuration, and is no longer over', () => {
    const folder = temporaryFolder();
    const run = createRunFolder(folder, runConfig);
    run.writeSummary(summary);
    run.reopen({ ...runConfig, config: { steps: 600 } });
    run.close();
    expect(readRunFolder(folder).config.config).toEqual({ steps: 600 });
    expect(readRunFolder(folder).readSummary()).toBeUndefined();
  });

  test('of a run that diverged says so where it has no checkpoint', () => {
    const folder = temporaryFolder();
    const run = createRunFolder(folder, runConfig);
    expect(inputErrorOf(() => run.readCheckpoint())).toContain('has no checkpoint yet; train until');
    run.writeSummary({ ...summary, status: 'diverged' });
    run.close();
    expect(inputErrorOf(() => readRunFolder(folder).readCheckpoint())).toMatch(/it diverged .*lower learning rate$/);
  });

  test('is made only where nothing lies', () => {
    const parent = temporaryFolder();
    const folder = join(parent, 'run');
    const run = createRunFolder(folder, runConfig);
    run.append(trainRecord(1));
    run.close();
    expect(inputErrorOf(() => createRunFolder(folder, runConfig))).toContain('holds a run already; resume it');
    expect(inputErrorOf(() => createRunFolder(parent, runConfig))).toContain('holds other files (run)');
    writeFileSync(join(parent, 'file'), '');
    expect(inputErrorOf(() => createRunFolder(join(parent, 'file'), runConfig))).toContain('is a file');
    expect(readdirSync(parent).sort()).toEqual(['file', 'run']);
    // Leftovers of a kill between the lock and config.json are no obstacle.
    const torn = join(parent, 'torn');
    mkdirSync(torn);
    writeFileSync(join(torn, '.tmp-1-1-config.json'), '{');
    createRunFolder(torn, runConfig).close();
    expect(readdirSync(torn).sort()).toEqual(['config.json', 'metrics.jsonl']);
  });

  test('gives its lock back when it cannot be opened', () => {
    const folder = join(temporaryFolder(), 'run');
    createRunFolder(folder, runConfig).close();
    writeFileSync(join(folder, 'checkpoints'), '');
    expect(() => openRunFolder(folder)).toThrow();
    expect(readdirSync(folder)).not.toContain('.lock');
  });

  test('says what a folder lacks', () => {
    const folder = temporaryFolder();
    expect(inputErrorOf(() => readRunFolder(join(folder, 'none')))).toContain(
      'does not exist; name the folder of a run',
    );
    expect(inputErrorOf(() => openRunFolder(folder))).toContain('is not a run folder (no config.json)');
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...runConfig, gitCommit: 7 }));
    expect(inputErrorOf(() => readRunFolder(folder))).toMatch(/config\.json: gitCommit: .*; restore that file/);
    createRunFolder(join(folder, 'run'), runConfig).close();
    writeFileSync(join(folder, 'run', 'summary.json'), '{}');
    expect(inputErrorOf(() => readRunFolder(join(folder, 'run')).readSummary())).toContain('delete it and resume');
  });

  test('names the runs of a comparison that was named in place of one of them', () => {
    const folder = temporaryFolder();
    const names = ['swiglu-seed-1', 'dynactglu-seed-0', 'swiglu-seed-0'];
    for (const name of names) createRunFolder(join(folder, name), runConfig).close();
    const listed = 'name one of the run folders in it: dynactglu-seed-0, swiglu-seed-0, swiglu-seed-1';
    expect(inputErrorOf(() => locateCheckpoint(folder))).toBe(`${folder} is not a run folder; ${listed}`);
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ baseline: 'swiglu', seeds: [0, 1] }));
    writeFileSync(join(folder, 'report.html'), '');
    for (const open of [readRunFolder, openRunFolder, locateCheckpoint]) {
      expect(inputErrorOf(() => open(folder))).toBe(`${folder} is a comparison; ${listed}`);
    }
    for (let seed = 2; seed < 22; seed++) createRunFolder(join(folder, `swiglu-seed-${seed}`), runConfig).close();
    expect(inputErrorOf(() => readRunFolder(folder))).toMatch(/: (\S+, ){19}\S+ and 3 more$/);
  });

  test('refuses to be written with a wrong config or summary', () => {
    const folder = join(temporaryFolder(), 'run');
    const wrong = { ...runConfig, backend: { ...runConfig.backend, threads: 0 } } as RunConfig;
    expect(() => createRunFolder(folder, wrong)).toThrow();
    const run = createRunFolder(folder, runConfig);
    expect(() => run.writeSummary({ ...summary, tokensPerSecond: Number.NaN })).toThrow();
    run.close();
    expect(run.readSummary()).toBeUndefined();
  });

  test('guards a run folder from opening to closing', () => {
    const folder = join(temporaryFolder(), 'run');
    const run = createRunFolder(folder, runConfig);
    expect(inputErrorOf(() => openRunFolder(folder))).toContain('is being written by process');
    run.close();
    const again = openRunFolder(folder);
    run.close();
    expect(inputErrorOf(() => openRunFolder(folder))).toContain('is being written by process');
    again.close();
    openRunFolder(folder).close();
  });
});
