import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { writeCheckpointFolder } from '../src/checkpoints.ts';
import { createRunFolder, readRunFolder } from '../src/index.ts';
import { checkpointOf, runConfig } from './support/values.ts';

/** Content of a checkpoint that calls somebody while it is written: the state comes last. */
function interrupted(by: () => void) {
  const { state, ...tensors } = checkpointOf(2);
  const toJSON = () => {
    by();
    return state;
  };
  return { ...tensors, state: { ...state, toJSON } };
}

test('a process that stood still while another took the run over does not put its checkpoint over that one', () => {
  const folder = join(temporaryFolder(), 'run');
  const run = createRunFolder(folder, runConfig);
  run.writeCheckpoint(50, checkpointOf(1));
  const lock = join(folder, '.lock');
  const other = JSON.stringify({ ...JSON.parse(readFileSync(lock, 'utf8')), pid: 4_000_000 });
  const late = interrupted(() => writeFileSync(lock, other));
  expect(inputErrorOf(() => run.writeCheckpoint(50, late))).toMatch(/was taken over by process 4000000/);
  expect(readRunFolder(folder).readCheckpoint(50).weights.get('weights')?.data[0]).toBe(1);
  expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['step-00000050']);
  run.close();
  expect(readFileSync(lock, 'utf8')).toBe(other);
});

test('a checkpoint whose half-written successor was removed by another process stays', () => {
  const folder = temporaryFolder();
  writeCheckpointFolder(folder, 50, checkpointOf(1), () => {});
  const removeLeftovers = () => {
    for (const name of readdirSync(folder))
      if (name.startsWith('.tmp-')) rmSync(join(folder, name), { recursive: true });
  };
  expect(() => writeCheckpointFolder(folder, 50, checkpointOf(2), removeLeftovers)).toThrow(
    /step-00000050 cannot be written/,
  );
  expect(readdirSync(folder)).toEqual(['step-00000050']);
});
