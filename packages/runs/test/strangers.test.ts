import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import {
  createRunFolder,
  encodeSafetensors,
  openRunFolder,
  readRunFolder,
  readSafetensors,
  writeSafetensors,
} from '../src/index.ts';
import { safetensorsPieces } from '../src/safetensors.ts';
import { checkpointOf, runConfig, trainRecord } from './support/values.ts';

/** Folders that came from somebody else, or that another process changes. */

function finishedRun(): { folder: string; outside: string; checkpoint: string } {
  const outside = temporaryFolder();
  const folder = join(outside, 'run');
  const run = createRunFolder(folder, runConfig);
  run.append(trainRecord(1));
  const { directory } = run.writeCheckpoint(1, checkpointOf(1));
  run.close();
  return { folder, outside, checkpoint: directory };
}

describe('links in a run folder', () => {
  test('in place of metrics.jsonl is refused, and its target keeps its bytes', () => {
    const { folder, outside } = finishedRun();
    const target = join(outside, 'thesis.txt');
    writeFileSync(target, 'whole\nnot ended by a line break');
    const log = join(folder, 'metrics.jsonl');
    renameSync(log, join(outside, 'moved'));
    symlinkSync(target, log);
    expect(inputErrorOf(() => openRunFolder(folder))).toMatch(/metrics\.jsonl is a link/);
    expect(readFileSync(target, 'utf8')).toBe('whole\nnot ended by a line break');
    // Nor is a missing target made.
    symlinkSync(join(outside, 'new'), join(folder, 'other'));
    renameSync(join(folder, 'other'), log);
    expect(inputErrorOf(() => openRunFolder(folder))).toMatch(/metrics\.jsonl is a link/);
    expect(readdirSync(outside)).not.toContain('new');
  });

  test('a second name of the log keeps what it holds', () => {
    const { folder, outside } = finishedRun();
    const kept = join(outside, 'snapshot.jsonl');
    linkSync(join(folder, 'metrics.jsonl'), kept);
    const before = readFileSync(kept, 'utf8');
    const run = openRunFolder(folder);
    run.append(trainRecord(2));
    run.close();
    expect(readFileSync(kept, 'utf8')).toBe(before);
    expect(readRunFolder(folder).records()).toEqual([trainRecord(1), trainRecord(2)]);
  });

  test('in place of checkpoints/ is refused before anything is deleted where it points', () => {
    const { folder, outside } = finishedRun();
    const elsewhere = join(outside, 'elsewhere');
    renameSync(join(folder, 'checkpoints'), elsewhere);
    mkdirSync(join(elsewhere, '.tmp-1-1-precious'));
    symlinkSync(elsewhere, join(folder, 'checkpoints'));
    expect(inputErrorOf(() => openRunFolder(folder))).toMatch(/checkpoints is a link/);
    expect(readdirSync(elsewhere)).toEqual(['.tmp-1-1-precious', 'step-00000001']);
  });
});

describe('a checkpoint', () => {
  test('whose state is of another step is refused', () => {
    const { folder, checkpoint } = finishedRun();
    writeFileSync(join(checkpoint, 'state.json'), JSON.stringify({ step: 2 }));
    expect(inputErrorOf(() => readRunFolder(folder).readCheckpoint())).toMatch(/state\.json is of step 2; delete/);
  });

  test.each(['weights', 'optimizer'])('whose %s are whole numbers is refused', (name) => {
    const { folder, checkpoint } = finishedRun();
    const whole = encodeSafetensors(new Map([['a', { shape: [1], data: Int32Array.of(7) }]]));
    writeFileSync(join(checkpoint, `${name}.safetensors`), whole);
    // As a stranger would, who has no digests to keep.
    writeFileSync(join(checkpoint, 'state.json'), JSON.stringify({ step: 1 }));
    expect(inputErrorOf(() => readRunFolder(folder).readCheckpoint())).toContain(
      `${name}.safetensors: a holds whole numbers`,
    );
  });

  test('that is pruned while it is read gives way to the one after it', () => {
    const { folder } = finishedRun();
    const reader = readRunFolder(folder);
    const listed = reader.checkpoints();
    const run = openRunFolder(folder);
    run.writeCheckpoint(2, checkpointOf(2));
    run.pruneCheckpoints({ keep: 1 });
    run.close();
    // The list is from before the pruning, as it is for a reader that was slow.
    let calls = 0;
    const all = reader.checkpoints.bind(reader);
    reader.checkpoints = () => (calls++ === 0 ? listed : all());
    expect(reader.readCheckpoint().step).toBe(2);
    calls = 0;
    expect(inputErrorOf(() => reader.readCheckpoint(1))).toContain('has no checkpoint of step 1; it has 2');
  });

  test('with names that would move a cursor says them harmlessly', () => {
    const { folder, checkpoint } = finishedRun();
    const header = JSON.stringify({ 'a\u009b2J\u202e\u001b[2J': { dtype: 'F64', shape: [1], data_offsets: [0, 8] } });
    const bytes = Buffer.alloc(8 + Buffer.byteLength(header) + 8);
    bytes.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    bytes.write(header, 8);
    writeFileSync(join(checkpoint, 'weights.safetensors'), bytes);
    expect(inputErrorOf(() => readRunFolder(folder).readCheckpoint())).toMatch(/"a\\u\{9b\}2J\\u\{202e\}\\u001b\[2J"/);
  });
});

describe('tensors of 3 GiB', () => {
  const values = 3 * 2 ** 28;

  test('are written in pieces of at most 1 GiB', () => {
    const big = new Map([['big', { shape: [values], data: new Float32Array(values) }]]);
    const sizes = [...safetensorsPieces(big)].map(({ byteLength }) => byteLength);
    expect(sizes.slice(1)).toEqual([2 ** 30, 2 ** 30, 2 ** 30]);
  });

  test('are read from a file, which is sparse here', () => {
    const path = join(temporaryFolder(), 'weights.safetensors');
    const last = { shape: [2], data: Float32Array.of(1.5, -2) };
    const header = JSON.stringify({
      big: { dtype: 'F32', shape: [3, 2 ** 28], data_offsets: [0, 4 * values] },
      last: { dtype: 'F32', shape: [2], data_offsets: [4 * values, 4 * values + 8] },
    });
    const start = Buffer.alloc(8 + Buffer.byteLength(header));
    start.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    start.write(header, 8);
    writeFileSync(path, start);
    truncateSync(path, start.byteLength + 4 * values);
    writeFileSync(path, new Uint8Array(last.data.buffer), { flag: 'a' });
    const { tensors } = readSafetensors(path);
    expect(tensors.get('last')).toEqual(last);
    expect(tensors.get('big')!.data).toHaveLength(values);
  });
});

test('a file has the bytes of the encoding, and pieces join to the whole', () => {
  const path = join(temporaryFolder(), 'some.safetensors');
  const { weights } = checkpointOf(3);
  writeSafetensors(path, weights, { format: 'pt' });
  expect(readFileSync(path).equals(encodeSafetensors(weights, { format: 'pt' }))).toBe(true);
  expect(readSafetensors(path)).toEqual({ tensors: weights, metadata: { format: 'pt' } });
});

test('a folder that another process has taken over is written no more', () => {
  const { folder } = finishedRun();
  const run = openRunFolder(folder);
  const lock = readFileSync(join(folder, '.lock'), 'utf8');
  writeFileSync(join(folder, '.lock'), lock.replace(/"pid":\d+/, '"pid":1'));
  const before = readFileSync(join(folder, 'metrics.jsonl'), 'utf8');
  for (const write of [
    () => run.append(trainRecord(2)),
    () => run.truncateAfter(0),
    () => run.writeCheckpoint(2, checkpointOf(2)),
    () => run.pruneCheckpoints({ keep: 1 }),
  ]) {
    inputErrorOf(write);
  }
  expect(readFileSync(join(folder, 'metrics.jsonl'), 'utf8')).toBe(before);
  expect(
    readRunFolder(folder)
      .checkpoints()
      .map(({ step }) => step),
  ).toEqual([1]);
  run.close();
});

test('a configuration nested a hundred thousand deep is one line', () => {
  const { folder } = finishedRun();
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  writeFileSync(join(folder, 'config.json'), JSON.stringify(runConfig).replace('"seed":0', `"seed":${deep}`));
  expect(inputErrorOf(() => readRunFolder(folder))).toContain('config.json');
});
