import { expect, test } from 'vitest';
import { inputErrorOf } from '../../../test/support/caught.ts';
import { localRank, Ranks } from '../src/index.ts';

test('a process that was started alone loads no MPI', () => {
  const alone = { SLURM_JOB_ID: '7', DYNACT_MPI: '/nowhere/libmpi.so' };
  for (const one of [
    {},
    { OMPI_COMM_WORLD_SIZE: '1' },
    { PMI_SIZE: '1' },
    { PMIX_RANK: '0', SLURM_STEP_NUM_TASKS: '1' },
  ]) {
    expect(Ranks.join({ ...alone, ...one })).toBeUndefined();
  }
});

test('one line says that no library loads, and what to do', () => {
  for (const several of [{ PMI_SIZE: '2' }, { PMIX_RANK: '0' }]) {
    const message = inputErrorOf(() => Ranks.join({ ...several, DYNACT_MPI: '/nowhere/libmpi.so' }));
    expect(message).toMatch(/^no MPI library can be loaded \(.*nowhere.*\); install .* DYNACT_MPI$/);
  }
});

test.each([
  [{ OMPI_COMM_WORLD_LOCAL_RANK: '1', SLURM_LOCALID: '0' }, 1],
  [{ MPI_LOCALRANKID: '2' }, 2],
  [{ SLURM_LOCALID: '3' }, 3],
  [{}, undefined],
])('the number among the processes of a machine: %o', (environment, expected) => {
  expect(localRank(environment)).toBe(expected);
});
