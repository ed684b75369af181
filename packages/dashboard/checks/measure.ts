/**
 * `pnpm --filter @dynact/dashboard measure [runs] [steps] [folder]`: by default 100 runs of 100 000 steps, half of them still
 * growing. Runs are made in a temporary folder, or in the one that is named, where they stay and are used again.
 * Prints how long the first useful paint takes from a cold start of the server, how long the charts of all runs over each
 * other take at first, at every update and when a part is zoomed to, and the server's memory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../../../test/support/browser.ts';
import { readTail } from '../src/server/tail.ts';
import { writeExampleRun } from '../test/support/example-runs.ts';

const [runs = 100, steps = 100_000] = process.argv.slice(2, 4).map(Number);
const kept = process.argv[4];
const updates = 10;
const folder = kept ?? mkdtempSync(join(tmpdir(), 'dynact-measure-'));
const examples = Array.from({ length: runs }, (_, seed) => ({
  name: `run-${String(seed).padStart(3, '0')}`,
  run: { steps, seed, kind: seed % 2 === 0 ? 'swiglu' : 'dynactglu', until: seed % 2 === 0 ? steps : steps - 1000 },
}));

function startServer(): Promise<{ child: ChildProcess; address: string }> {
  const script = fileURLToPath(new URL('./measured-server.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve) => child.stdout!.once('data', (data) => resolve({ child, address: `${data}`.trim() })));
}

/** Megabytes that a process has taken at most. */
function peakMegabytes({ pid }: ChildProcess): number {
  const [, kilobytes = '0'] = /^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1000;
}

declare global {
  /** When the frame was painted that shows the whole table of runs, in milliseconds since 1970. */
  var listedAt: number | undefined;
  /** Resolves once the next frame is painted. */
  var painted: () => Promise<void>;
  /** Milliseconds from each message with points to the frame that shows them. */
  var updateTimes: number[];
  /** When the frame was painted that shows the answer to a zoom. */
  var detailedAt: number | undefined;
}

/** Has a page note how long what it is told takes until it is shown. */
function noteTimes(runs: number): void {
  globalThis.updateTimes = [];
  globalThis.painted = () =>
    new Promise((resolve) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve();
        port2.postMessage(null);
      }),
    );
  const listed = new MutationObserver(() => {
    if (document.querySelectorAll('table.runs tbody tr').length < runs) return;
    listed.disconnect();
    void painted().then(() => {
      globalThis.listedAt = performance.timeOrigin + performance.now();
    });
  });
  listed.observe(document, { childList: true, subtree: true });
  const own = Object.getOwnPropertyDescriptor(EventSource.prototype, 'onmessage')!;
  Object.defineProperty(EventSource.prototype, 'onmessage', {
    set(handler: (event: MessageEvent<string>) => void) {
      own.set!.call(this, (event: MessageEvent<string>) => {
        const begun = performance.now();
        handler(event);
        if (!event.data.startsWith('{"kind":"runs"')) return;
        void painted().then(() => updateTimes.push(performance.now() - begun));
      });
    },
  });
  const { json } = Response.prototype;
  Response.prototype.json = async function () {
    const value: unknown = await json.call(this);
    void painted().then(() => {
      globalThis.detailedAt = performance.now();
    });
    return value;
  };
}

/** Milliseconds from a zoom to the frame that shows what the page has of it, and to the one with all its points. */
async function zoomTo(hash: string): Promise<[drawn: number, detailed: number]> {
  const begun = performance.now();
  location.hash = hash;
  await new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
  await painted();
  const drawn = performance.now() - begun;
  while (globalThis.detailedAt === undefined) await painted();
  return [drawn, globalThis.detailedAt - begun];
}

const print = (name: string, value: string) => console.log(`${name.padEnd(60)}${value}`);
const milliseconds = (value: number) => `${Math.round(value).toLocaleString('en')} ms`;

const browser = await launch();
let child: ChildProcess | undefined;
try {
  for (const { name, run } of examples) if (!existsSync(join(folder, name))) writeExampleRun(join(folder, name), run);
  const bytes = examples.reduce((sum, { name }) => sum + statSync(join(folder, name, 'metrics.jsonl')).size, 0);
  print(
    `logs of ${runs} runs x ${steps.toLocaleString('en')} steps`,
    `${Math.round(bytes / 1e6).toLocaleString('en')} MB`,
  );
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(noteTimes, runs);
  // A browser that has started, as people have one.
  await page.waitForTimeout(1000);
  const begun = performance.now();
  const server = await startServer();
  child = server.child;
  print('cold start of the server until it listens', milliseconds(performance.now() - begun));
  await page.goto(server.address);
  const listedAt = await (await page.waitForFunction(() => globalThis.listedAt)).jsonValue();
  print(
    'first useful paint: the table of all runs, from cold start',
    milliseconds(listedAt! - performance.timeOrigin - begun),
  );
  const opened = performance.now();
  const ids = examples.map(({ name }) => `0/${name}`).join('|');
  await page.goto(`${server.address}#overlay?${new URLSearchParams({ ids })}`);
  await page.getByRole('figure').first().waitFor();
  print('overlay of all runs: first curves', milliseconds(performance.now() - opened));
  await page.getByText(/^reading/).waitFor({ state: 'detached', timeout: 300_000 });
  print('overlay of all runs: every log is read', milliseconds(performance.now() - opened));
  await page.waitForTimeout(3000);
  await page.evaluate(() => updateTimes.splice(0));
  const growing = examples.filter(({ run }) => run.until < steps);
  for (let update = 0; update < updates; update += 1) {
    for (const { name } of growing) {
      const path = join(folder, name, 'metrics.jsonl');
      // A log that was used before goes on where it ends.
      const step = readTail(path, statSync(path).size).step + 1;
      const place = { step, tokens: step * 2048, elapsedMs: step * 50 };
      const figures = { loss: 3, learningRate: 0.001, gradientNorm: 1, tokensPerSecond: 41_000 };
      appendFileSync(path, `${JSON.stringify({ kind: 'train', ...place, ...figures })}\n`);
    }
    await page.waitForTimeout(1500);
  }
  const times = await page.evaluate(() => updateTimes);
  times.sort((a, b) => a - b);
  const at = (share: number) => milliseconds(times[Math.floor(share * (times.length - 1))] ?? Number.NaN);
  print(`update of the shown charts (${times.length} of them): median, 95 %`, `${at(0.5)}, ${at(0.95)}`);
  const zoom = `${steps * 0.5}~${steps * 0.52}`;
  const [drawn, detailed] = await page.evaluate(zoomTo, `overlay?${new URLSearchParams({ ids, zoom })}`);
  print(
    'zoom to 2 % of all runs: drawn, and read again in detail',
    `${milliseconds(drawn)}, ${milliseconds(detailed)}`,
  );
  print('memory of the server at most', `${Math.round(peakMegabytes(child))} MB`);
} finally {
  child?.kill();
  await browser.close();
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}
