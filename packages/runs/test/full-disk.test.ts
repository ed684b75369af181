import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { SmallDisk } from '../../../test/support/small-disk.ts';
import { createRunFolder, openRunFolder, type RunFolder, readRunFolder, TensorBoardLog } from '../src/index.ts';
import { checkpointOf, runConfig, trainRecord } from './support/values.ts';

const disk = new SmallDisk(4 * 2 ** 20);
afterAll(() => disk.remove());

describe.runIf(disk.mounted)('a disk that is full while a run trains is one line, and what was written stays:', () => {
  const directory = join(disk.directory, 'run');
  let run: RunFolder;
  let board: TensorBoardLog;

  beforeEach(() => {
    disk.refill(3 * 2 ** 20);
    run = createRunFolder(directory, runConfig);
    board = new TensorBoardLog(run, 0);
    run.append(trainRecord(1));
    run.writeCheckpoint(1, checkpointOf(1));
    disk.fill();
  });

  const writes: [string, () => void][] = [
    // A page of the file has room for some records.
    ['metrics.jsonl', () => Array.from({ length: 100 }, (_, step) => run.append(trainRecord(2 + step)))],
    ['events.out.tfevents', () => Array.from({ length: 100 }, (_, step) => board.append(trainRecord(2 + step)))],
    ['checkpoints/step-00000002', () => run.writeCheckpoint(2, checkpointOf(2))],
  ];

  test.each(writes)('%s', (name, write) => {
    expect(inputErrorOf(write)).toMatch(
      new RegExp(`/run/${name}\\S* cannot be written: no space is left on the disk; free some and try again$`),
    );
    board.close();
    run.close();
    disk.empty();
    const again = openRunFolder(directory);
    again.truncateAfter(1);
    again.close();
    const { records, checkpoint } = { records: again.records(), checkpoint: readRunFolder(directory).readCheckpoint() };
    expect(records).toEqual([trainRecord(1)]);
    expect(checkpoint.step).toBe(1);
    expect(checkpoint.weights).toEqual(checkpointOf(1).weights);
    expect(readRunFolder(directory).checkpoints()).toHaveLength(1);
  });
});
