/**
 * `pnpm --filter @dynact/dashboard measure:training [pairs]`: what the server costs a training run beside it while a page
 * is open. The same run is trained with and without, in turns; prints each one's time and the difference.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [pairs = 4] = process.argv.slice(2).map(Number);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dynact-cost-'));
/** Steps at the beginning that are left out: code is compiled, caches fill. */
const warmUp = 20;

/** Milliseconds of a step of a nano run. */
function train(name: string): number {
  const out = join(folder, name);
  const child = spawnSync(join(root, 'dynact'), ['train', '--preset', 'nano', '--out', out], {
    cwd: root,
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(child.stderr);
  const records = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; step: number; elapsedMs: number });
  const steps = records.filter(({ kind, step }) => kind === 'train' && step >= warmUp);
  const [first, last] = [steps[0]!, steps.at(-1)!];
  return (last.elapsedMs - first.elapsedMs) / (last.step - first.step);
}

/** The same beside a server that a page listens to. */
async function trainWatched(name: string): Promise<number> {
  const script = fileURLToPath(new URL('./measured-server.mjs', import.meta.url));
  const server = spawn(process.execPath, [script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise<string>((resolve) =>
    server.stdout.once('data', (data) => resolve(`${data}`.trim())),
  );
  // A listener in a process of its own: this one waits for the training.
  const listen = `fetch(${JSON.stringify(`${address}events?runs=0/${name}&detail=1`)}).then(async ({ body }) => { for await (const _ of body); })`;
  const page = spawn(process.execPath, ['--eval', listen], { stdio: 'ignore' });
  try {
    return train(name);
  } finally {
    page.kill();
    server.kill();
  }
}

try {
  const differences: number[] = [];
  for (let pair = 1; pair <= pairs; pair += 1) {
    const alone = train(`alone-${pair}`);
    const watched = await trainWatched(`watched-${pair}`);
    differences.push(watched / alone - 1);
    console.log(`pair ${pair}: alone ${alone.toFixed(2)} ms a step, watched ${watched.toFixed(2)} ms`);
  }
  differences.sort((a, b) => a - b);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const middle = (differences[Math.floor((pairs - 1) / 2)]! + differences[Math.ceil((pairs - 1) / 2)]!) / 2;
  console.log(
    `median difference ${percent(middle)}, from ${percent(differences[0]!)} to ${percent(differences.at(-1)!)}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
