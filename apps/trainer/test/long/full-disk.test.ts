import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { SmallDisk } from '../../../../test/support/small-disk.ts';
import { type Outcome, sha256, timelessRecords, Workbench } from '../support/workbench.ts';

const bench = new Workbench();
const disk = new SmallDisk(2 * 2 ** 20);
const trained = bench.path('trained');
const timeout = 300_000;

beforeAll(async () => {
  if (!disk.mounted) return;
  const { status, stderr } = await bench.run('train', ...bench.tiny({ 'training.steps': 2 }), '--out', trained);
  expect(status, stderr).toBe(0);
}, timeout);

afterAll(() => disk.remove());

const commands: [string, string[]][] = [
  ['train', ['train', ...bench.tiny({ 'model.width': 128 }), '--out', join(disk.directory, 'run')]],
  [
    'compare',
    ['compare', ...bench.tiny({ 'model.width': 128 }), '--seeds', '0', '--out', join(disk.directory, 'gates')],
  ],
  ['export', ['export', trained, '--format', 'safetensors', '--out', join(disk.directory, 'exported')]],
];
const prepare: [string, string[]] = ['data prepare', ['data', 'prepare', bench.corpus, '--vocab-size', '300']];

function expectLine({ status, stderr }: Outcome, line: RegExp): void {
  expect(stderr).toMatch(line);
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(status).toBe(2);
}

describe.runIf(disk.mounted)('one line and exit code 2', () => {
  afterEach(() => vi.unstubAllEnvs());
  const place = (what: string) =>
    what === prepare[0] && vi.stubEnv('DYNACT_DATASETS', join(disk.directory, 'datasets'));

  test.each([...commands, prepare])(
    'on a disk without room: %s',
    async (what, command) => {
      place(what);
      disk.refill(8 * 1024);
      expectLine(await bench.run(...command), /no space is left on the disk/);
      expect(existsSync(join(disk.directory, 'filler'))).toBe(true);
    },
    timeout,
  );

  test.each([...commands, prepare])(
    'on a disk that cannot be written: %s',
    async (what, command) => {
      place(what);
      disk.refill(8 * 1024);
      disk.refuseWrites();
      expectLine(await bench.run(...command), /the file system is read-only/);
    },
    timeout,
  );
});

describe.runIf(disk.mounted)('a disk that fills up while a run trains', () => {
  const stopped = join(disk.directory, 'run');
  const often = { 'training.checkpoint.every': 2, 'training.checkpoint.keep': 20 };
  const rarely = { 'training.steps': 400, 'training.checkpoint.every': 400, 'training.checkpoint.best': false };

  test.each([
    ['in a checkpoint', often, 400 * 1024, /error: .*run\/checkpoints\/step-\d+ cannot be written: no space is left/],
    ['in its logs', rarely, 64 * 1024, /error: .*run\/(metrics|events)\S* cannot be written: no space is left/],
  ])(
    '%s ends it in one line; with room again it resumes to the bits of one that was never stopped',
    async (where, values, left, line) => {
      const whole = bench.path(`whole ${where}`);
      expect((await bench.run('train', ...bench.tiny(values), '--out', whole)).status).toBe(0);
      disk.refill(left);
      expectLine(await bench.run('train', ...bench.tiny(values), '--out', stopped), line);
      expect(existsSync(join(stopped, 'summary.json'))).toBe(false);
      disk.empty();
      const { status, stderr } = await bench.run('train', '--resume', stopped);
      expect(status, stderr).toBe(0);
      const last = readdirSync(join(whole, 'checkpoints')).at(-1)!;
      for (const file of ['weights.safetensors', 'optimizer.safetensors']) {
        const [ours, theirs] = [stopped, whole].map((run) => sha256(join(run, 'checkpoints', last, file)));
        expect(ours).toBe(theirs);
      }
      expect(timelessRecords(stopped)).toEqual(timelessRecords(whole));
    },
    timeout,
  );

  test(
    'of a comparison ends it in one line',
    async () => {
      disk.refill(400 * 1024);
      const out = join(disk.directory, 'gates');
      const outcome = await bench.run('compare', ...bench.tiny(often), '--seeds', '0', '--out', out);
      expectLine(outcome, /error: .*cannot be written: no space is left/);
    },
    timeout,
  );
});
