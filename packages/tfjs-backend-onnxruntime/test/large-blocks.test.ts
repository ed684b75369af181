import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('support/large-block.ts', import.meta.url));

function mapped(settings: object): number {
  const { stdout, stderr } = spawnSync(process.execPath, ['--conditions=@dynact/source', '--import', 'tsx', program], {
    encoding: 'utf8',
    env: { ...process.env, ...settings },
  });
  expect(stderr).toBe('');
  return Number(stdout);
}

test.skipIf(process.platform !== 'linux')(
  "large blocks go back to the system, unless a user's setting says otherwise",
  () => {
    expect(mapped({})).toBeGreaterThanOrEqual(2 ** 22);
    expect(mapped({ GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' })).toBeGreaterThanOrEqual(2 ** 22);
    expect(mapped({ MALLOC_MMAP_THRESHOLD_: '33554432' })).toBe(0);
    expect(mapped({ GLIBC_TUNABLES: 'glibc.malloc.mmap_threshold=33554432' })).toBe(0);
  },
);
