import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { InputError, lockFolder } from '@dynact/files';
import type { TrainEvent } from '@dynact/training';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { slurm } from '../src/executors/slurm/commands.ts';
import { RunFollower } from '../src/executors/slurm/run-follower.ts';
import { Slurm, SlurmQueue } from '../src/index.ts';
import { jobsOf } from './support/jobs.ts';

let folder: string;
const file = (name: string) => join(folder, name);
const options = { kind: 'slurm' as const, extra: [] };

/** Slurm's commands as scripts: squeue prints the file `queue`, the others write down how they were called. */
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(file('bin'));
  const scripts = {
    squeue: `cat ${file('queue')}`,
    sbatch: `printf '%s\\n' "$@" > ${file('sbatch')}; cat > ${file('script')}`,
    scancel: `printf '%s\\n' "$@" > ${file('scancel')}`,
  };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(file(`bin/${name}`), `#!/bin/sh\n${script}\n`);
    chmodSync(file(`bin/${name}`), 0o755);
  }
  vi.stubEnv('PATH', `${file('bin')}:${process.env.PATH}`);
  inQueue();
});
afterEach(() => vi.unstubAllEnvs());

/** Output of squeue: `17|0|RUNNING|n1` for each task of the newest submission, and jobs of others beside them. */
function inQueue(...tasks: string[]): void {
  const jobName = new SlurmQueue(folder).submissions().at(-1)?.jobName;
  const lines = ['sleep|99|N/A|RUNNING|n9', ...tasks.map((task) => `${jobName}|${task}`)];
  writeFileSync(file('queue'), `${lines.join('\n')}\n`);
}

/** A run folder with a log of so many steps. */
function writeRun(directory: string, steps: number): void {
  mkdirSync(directory, { recursive: true });
  const train = {
    kind: 'train',
    tokens: 1,
    loss: 1,
    learningRate: 1,
    gradientNorm: 1,
    tokensPerSecond: 1,
    elapsedMs: 1,
  };
  for (let step = 1; step <= steps; step++) {
    appendFileSync(join(directory, 'metrics.jsonl'), `${JSON.stringify({ ...train, step })}\n`);
  }
}

test('hands runs over as a job array: options, the program, and what each task needs', async () => {
  const wanted = {
    ...options,
    concurrent: 2,
    partition: 'long',
    minutes: 3,
    memory: '4G',
    gpus: 1,
    extra: ['--account=x'],
  };
  const jobs = jobsOf([4, 5], folder);
  const slurm = new Slurm(folder, wanted, () => {});
  await slurm.submit(jobs);
  expect(slurm.describe()).toBe("Slurm's partition long");
  const [submission] = new SlurmQueue(folder).submissions();
  const { directory, jobName } = submission!;
  expect(readFileSync(file('sbatch'), 'utf8').split('\n').slice(0, -1)).toEqual([
    ...[`--job-name=${jobName}`, '--array=0-1%2', '--requeue', '--open-mode=append', '--signal=B:TERM@90'],
    ...[`--chdir=${process.cwd()}`, `--output=${directory}/%a.log`, '--ntasks=1', '--cpus-per-task=1'],
    ...['--partition=long', '--time=3', '--mem=4G', '--gpus=1', '--account=x'],
  ]);
  expect(readFileSync(file('script'), 'utf8')).toMatch(
    /^#!\/bin\/sh\nexec '.*node' .*'.*slurm\/task\.ts' '.*'\/"\$SLURM_ARRAY_TASK_ID"\.json\n$/,
  );
  const kept = [0, 1].map((task) => JSON.parse(readFileSync(join(directory, `${task}.json`), 'utf8')));
  expect(kept).toEqual(JSON.parse(JSON.stringify(jobs)));
  expect(new SlurmQueue(folder).options).toEqual(wanted);
});

test('asks Slurm who is queued or running, and hands over only who is not there', async () => {
  const slurm = new Slurm(folder, options, () => {});
  await slurm.submit(jobsOf([0, 1, 2], folder));
  inQueue('17|0|RUNNING|n1', '17|1|PENDING|(Resources|x)');
  expect(await new SlurmQueue(folder).tasks()).toEqual([
    { name: 'swiglu seed 0', id: '17_0', state: 'running', where: 'n1' },
    { name: 'swiglu seed 1', id: '17_1', state: 'queued', where: '(Resources|x)' },
  ]);
  expect(Object.fromEntries(await slurm.states())).toEqual({
    'swiglu seed 0': 'running',
    'swiglu seed 1': 'queued',
    'swiglu seed 2': 'gone',
  });
  await new Slurm(folder, options, () => {}).submit(jobsOf([0, 1, 2, 3], folder));
  const { runs } = new SlurmQueue(folder).submissions().at(-1)!;
  expect(runs).toEqual(['swiglu seed 2', 'swiglu seed 3']);
});

test('cancels its own tasks and no others', async () => {
  const slurm = new Slurm(folder, options, () => {});
  await slurm.submit(jobsOf([0, 1], folder));
  inQueue('17|1|RUNNING|n1');
  await slurm.cancel();
  expect(readFileSync(file('scancel'), 'utf8')).toBe('17_1\n');
});

test('shows what runs log, waits until all are gone, and lists those that ended without a result, with the reason', async () => {
  const events: [string, TrainEvent['kind']][] = [];
  const slurm = new Slurm(folder, options, (name, { kind }) => events.push([name, kind]), 20);
  const [said, silent] = jobsOf([0, 1], folder);
  await slurm.submit([said!, silent!]);
  inQueue('17|0|RUNNING|n1');
  const settled = slurm.settled();
  writeRun(said!.directory, 2);
  const seen = () => expect(events).toEqual([['swiglu seed 0', 'start'], ...twice(['swiglu seed 0', 'record'])]);
  await vi.waitFor(seen, 30_000);
  const { directory } = new SlurmQueue(folder).submissions()[0]!;
  const failure = (attempt: string, message: string) =>
    writeFileSync(join(directory, `0.failed-${attempt}.json`), JSON.stringify({ message, isWrongInput: true }));
  failure('0000', 'it was early');
  failure('0001', 'it is of no use');
  inQueue();
  expect(await settled).toEqual([
    { name: 'swiglu seed 0', reason: 'it is of no use', isWrongInput: true },
    {
      name: 'swiglu seed 1',
      reason: `its job ended without a result; see ${join(directory, '1.log')}`,
      isWrongInput: false,
    },
  ]);
});

test('a submitter that leaves takes nothing along', async () => {
  const slurm = new Slurm(folder, options, () => {}, 20);
  await slurm.submit(jobsOf([0], folder));
  inQueue('17|0|RUNNING|n1');
  const settled = slurm.settled();
  expect(await slurm.leave()).toMatch(/go on on the cluster: dynact status/);
  expect(await settled).toEqual([]);
  expect(existsSync(file('scancel'))).toBe(false);
});

test('locks of jobs that Slurm no longer holds are taken away, those of others stay', async () => {
  const runs = ['gone', 'held', 'here'].map(file);
  for (const [index, run] of runs.entries()) {
    vi.stubEnv('SLURM_JOB_ID', '20');
    vi.stubEnv('SLURM_ARRAY_JOB_ID', index < 2 ? '17' : undefined);
    vi.stubEnv('SLURM_ARRAY_TASK_ID', index < 2 ? String(index) : undefined);
    if (index === 2) vi.stubEnv('SLURM_JOB_ID', undefined);
    lockFolder(run);
  }
  writeFileSync(file('queue'), 'any|17|1|RUNNING|n1\n');
  await new SlurmQueue(folder).breakLocks(runs);
  expect(runs.map((run) => readdirSync(run))).toEqual([[], ['.lock'], ['.lock']]);
});

test('says in one line that Slurm is missing, and what it refuses', async () => {
  writeFileSync(file('bin/sbatch'), '#!/bin/sh\necho "sbatch: error: invalid partition specified: x" >&2\nexit 1\n');
  const failure = (call: Promise<unknown>) => call.catch((error: unknown) => error);
  const refused = await failure(new Slurm(folder, options, () => {}).submit(jobsOf([0], folder)));
  expect(refused).toBeInstanceOf(InputError);
  expect((refused as InputError).message).toBe('Slurm refused: sbatch: error: invalid partition specified: x');
  vi.stubEnv('PATH', '/nowhere');
  const missing = await failure(new SlurmQueue(folder).tasks());
  expect((missing as InputError).message).toMatch(
    /^Slurm's squeue cannot be run \(.*\); call it where .* --executor processes$/,
  );
});

function twice<Value>(value: Value): Value[] {
  return [value, value];
}

test('follows a log that a resume has cut back: nothing is told twice, and nothing is missed', () => {
  const directory = file('followed');
  const told: (number | 'start')[] = [];
  const follower = new RunFollower(directory, 5, (event) =>
    told.push(event.kind === 'record' ? event.record.step : 'start'),
  );
  follower.look();
  writeRun(directory, 3);
  follower.look();
  expect(told).toEqual(['start', 1, 2, 3]);
  // As atomic writing does: another file of the same name, which is longer by the next look.
  renameSync(join(directory, 'metrics.jsonl'), join(directory, 'before'));
  writeRun(directory, 5);
  follower.look();
  follower.look();
  expect(told).toEqual(['start', 1, 2, 3, 4, 5]);
});

test.each([
  [
    'sbatch: unrecognized option --acount=x\nTry "sbatch --help" for more information',
    'sbatch: unrecognized option --acount=x',
  ],
  ['squeue: error: resolve_ctls\nsqueue: fatal: no configuration', 'squeue: fatal: no configuration'],
  ['no such thing\nat all', 'sbatch: no such thing; at all'],
])('says in one line what Slurm refuses: %j', async (printed, said) => {
  writeFileSync(file('bin/sbatch'), `#!/bin/sh\nprintf '${printed}\\n' >&2\nexit 1\n`);
  const command = said.split(':')[0] === 'squeue' ? 'squeue' : 'sbatch';
  writeFileSync(file(`bin/${command}`), readFileSync(file('bin/sbatch')));
  await expect(slurm(command, [])).rejects.toThrow(`Slurm refused: ${said}`);
});
