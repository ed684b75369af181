import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { isBuilt } from '../../test/support/built.ts';

/** A user's folder with texts of their own. */
const folder = mkdtempSync(join(tmpdir(), 'dynact-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = 'dear sir the old dog walked to the river and then slept near the house but the young man ran'.split(' ');
function text(sentences: number, step: number): string {
  const line = (n: number) =>
    Array.from({ length: 10 }, (_, k) => words[(n * step + k * (1 + (n % 5))) % words.length]);
  return Array.from({ length: sentences }, (_, n) => `${line(n).join(' ')}.`).join('\n\n');
}
writeFileSync(join(folder, 'letters.txt'), text(600, 3));
writeFileSync(join(folder, 'walks.txt'), text(600, 7));
writeFileSync(join(folder, 'new.txt'), `${text(4, 3)} Rhinoceros.`);

const conditions = isBuilt ? [] : ['--conditions=@dynact/source'];
const node = (script: string, ...parameters: string[]): [string, string[]] => [
  process.execPath,
  [
    ...conditions,
    '--import',
    import.meta.resolve('tsx'),
    fileURLToPath(new URL(script, import.meta.url)),
    ...parameters,
  ],
];

/** Runs examples in turn in the user's folder. @returns the lines that each prints */
async function run(...calls: readonly (readonly [string, ...string[]])[]): Promise<string[][]> {
  const { stdout } = await promisify(execFile)(...node('support/in-turn.ts', JSON.stringify(calls)), { cwd: folder });
  return stdout.split('\f\n').map((printed) => printed.trimEnd().split('\n'));
}

/** Trains beside the other examples. */
const gates = run(['your-own-gate', 'letters.txt', '2', '1']);

/** The first decimal number of a line such as `step 5: 4.321 nats a token`. */
const numberIn = (line: string | undefined) => Number(/(-?\d+\.\d+)/.exec(line ?? '')?.[1]);

/** A model that knows nothing guesses among 512 tokens. */
const uniform = Math.log(512);

test('a run is trained, fine-tuned and evaluated; a model is trained by hand; a ring is learned', async () => {
  const [trained, tuned, evaluated, byHand, ring] = (await run(
    ['train-and-sample', 'letters.txt', '30'],
    ['fine-tune', 'runs/dear', 'walks.txt', '3'],
    ['evaluate-a-text', 'runs/dear', 'new.txt'],
    ['train-a-gpt', 'letters.txt', '50'],
    ['tfjs-layers', '100'],
  )) as [string[], string[], string[], string[], string[]];

  expect(numberIn(trained[0])).toBeGreaterThan(1);
  expect(numberIn(trained[0])).toBeLessThan(200);
  expect(trained[0]).toContain(join(folder, 'runs/dear'));
  expect(trained[1]).toMatch(/^Dear.+/);

  // It begins where the first run has ended, far below a model that knows nothing.
  expect(tuned[0]).toMatch(/^step 0: /);
  expect(numberIn(tuned[0])).toBeLessThan(uniform - 0.8);
  expect(numberIn(tuned[1])).toBeLessThan(numberIn(tuned[0]) + 0.5);

  const [tokens, measures, , ...least] = evaluated;
  const nats = Number(/, (\d+\.\d+) nats/.exec(tokens!)?.[1]);
  expect(numberIn(measures)).toBeCloseTo(Math.exp(nats), 1);
  expect(least).toHaveLength(5);
  // The text has a word that the letters lack.
  expect(least.join()).toMatch(/Rhin|ocer/);

  expect(byHand[0]).toMatch(/^\d+ parameters$/);
  expect(numberIn(byHand[1])).toBeCloseTo(uniform, 0);
  expect(numberIn(byHand[2])).toBeLessThan(numberIn(byHand[1]) - 1);
  expect(byHand[3]).toMatch(/^Dear.+/);

  const [line, alpha, beta, opened] = ring;
  expect(Number(/accuracy (\d\.\d+)/.exec(line!)?.[1])).toBeGreaterThan(0.7);
  for (const parameters of [alpha, beta]) expect(parameters!.split(' ').slice(1)).toHaveLength(16);
  expect(new Set(alpha!.split(' ')).size).toBeGreaterThan(4);
  expect(opened).toBe('saved and opened again, it differs by 0');
}, 120_000);

test('generate-server streams a text, and refuses one that is no prompt', async () => {
  const [program, parameters] = node('../generate-server.ts', 'runs/dear', '0');
  const server: ChildProcess = spawn(program, parameters, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(server.stdout!, 'data')) as [Buffer];
    const address = new URL(line.toString().trim());
    const response = await fetch(address);
    expect(response.headers.get('content-length')).toBeNull();
    expect(await response.text()).toMatch(/^Dear.+\n$/s);
    expect((await fetch(address.origin)).status).toBe(400);
  } finally {
    server.kill();
  }
}, 120_000);

test('your-own-gate compares a gate and a block with SwiGLU', async () => {
  const printed = (await gates)[0]!.join('\n');
  for (const variant of ['swiglu', 'my-gate', 'squared'])
    expect(printed).toMatch(new RegExp(`^${variant} seed 0 `, 'm'));
  expect(printed).toMatch(/^my-gate - swiglu /m);
}, 120_000);
