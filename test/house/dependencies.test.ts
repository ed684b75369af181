import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const lock = readFileSync(join(import.meta.dirname, '..', '..', 'pnpm-lock.yaml'), 'utf8');
/** Everything that the lock file installs, as `name@version`. */
const installed = [...lock.matchAll(/^ {2}'?((?:@[^/]+\/)?[^@\s']+@\d[^:(']*)'?:$/gm)].map(([, entry]) => entry!);
/** Dependencies of the rooms themselves. */
const direct = [...lock.matchAll(/^ {6}'?((?:@[^/\s]+\/)?[^:\s']+)'?:\n {8}specifier:/gm)].map(([, name]) => name!);

test('the old tree of tfjs-node-gpu is not installed for everybody', () => {
  expect(installed.length).toBeGreaterThan(300);
  const old =
    /^(?:@tensorflow\/tfjs-node(?:-gpu)?@|@mapbox\/node-pre-gyp@|tar@[0-6]\.|https-proxy-agent@[0-5]\.|agent-base@[0-5]\.)/;
  expect(installed.filter((entry) => old.test(entry))).toEqual([]);
});

test('no two packages do one job, and none is left that nobody keeps where Node or a kept one does its work', () => {
  expect(direct).toContain('zod');
  // fzstd stays: Node 20 reads no Zstandard, and the reader of Parquet brings it along.
  const replaced = new Set(['jstat', 'cli-progress', '@aws-crypto/crc32c', '@tensorflow/tfjs-node-gpu']);
  expect(direct.filter((name) => replaced.has(name))).toEqual([]);
});
