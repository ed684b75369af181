import { expect, test } from 'vitest';
import { canUnshare, listen } from '../../../test/support/silence.ts';
import { trainer, Workbench } from './support/workbench.ts';

const bench = new Workbench();
const needs = canUnshare ? '' : ' (skipped: `unshare -rnm` makes no namespaces here)';

test.skipIf(!canUnshare)(
  `the job of npm start opens no connection, asks for no name, and leaves HOME and TMPDIR empty${needs}`,
  () => {
    const small = [...bench.tiny({ 'training.steps': 3 }), '--evaluate-at', '3', '--seeds', '0'];
    const job = ['compare', '--preset', 'default', ...small, '--out', bench.path('compared'), '--json'];
    const { status, stdout, stderr, ...heard } = listen([...trainer, ...job], bench.environment);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout).variants).toHaveLength(2);
    expect(heard).toEqual({ names: [], connections: 0, datagrams: 0, files: [] });
  },
  300_000,
);
