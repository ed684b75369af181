import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig, presets } from '@dynact/training';
import { expect, test } from 'vitest';
import { loadConfiguration } from '../src/configuration.ts';
import { refuseOptionsOfNpm } from '../src/npm-options.ts';
import { createProgram } from '../src/program.ts';
import { Workbench } from './support/workbench.ts';

/** Commands as somebody types them on the first day, with nothing but --help. */
const bench = new Workbench();
Object.assign(process.env, bench.environment);

test('a text of their own is the first argument or --data, and the commonest options are flags', () => {
  mkdirSync(bench.path('letters'));
  const { raw } = loadConfiguration(
    { preset: 'micro', steps: 30, batchSize: 2, learningRate: 0.01, seed: 7, feedForward: 'geglu', sample: 'Dear' },
    'letters',
  );
  expect(raw).toMatchObject({
    dataset: { name: bench.path('letters') },
    training: { steps: 30, batchSize: 2, optimizer: { learningRate: 0.01 }, sample: { prompt: 'Dear' } },
    model: { feedForward: { kind: 'geglu' } },
    seed: 7,
  });
  // The preset evaluates at steps that 30 steps do not reach.
  expect(raw).not.toHaveProperty('training.evaluation.steps');
  expect(loadConfiguration({ data: 'letters' }).raw).toEqual({ dataset: { name: bench.path('letters') } });
  expect(() => loadConfiguration({ data: 'walks.txt' }, 'letters')).toThrow(/letters and --data walks\.txt: name the/);
});

test('init writes what the defaults or a preset say, with remarks and the schema, and nothing over a file', async () => {
  for (const [preset, ...flags] of [[], ['micro', '--preset', 'micro']]) {
    const file = `${preset ?? 'mine'}.json`;
    const { status, stdout } = await bench.runHere('init', ...(preset === undefined ? [] : [file]), ...flags);
    expect([status, stdout]).toEqual([0, expect.stringContaining(`dynact train --config ${file}`)]);
    const written = JSON.parse(readFileSync(bench.path(file), 'utf8'));
    expect(JSON.parse(readFileSync(join(bench.directory, written.$schema), 'utf8')).properties).toHaveProperty(
      'training',
    );
    expect(written.training.$comment).toContain('steps: optimizer steps');
    const { raw } = loadConfiguration({ config: file });
    expect(parseConfig(raw)).toEqual(parseConfig(preset === 'micro' ? presets.micro : {}));
  }
  const again = await bench.runHere('init');
  expect([again.status, again.stderr]).toEqual([
    2,
    expect.stringMatching(/mine\.json is there already; name a new file$/m),
  ]);
});

test('beside a gate that init wrote, programs import the packages that are installed there', async () => {
  const folder = bench.path('project');
  mkdirSync(folder);
  expect((await bench.runHere('init', join(folder, 'my-gate.ts'))).status).toBe(0);
  const installed = join(folder, 'node_modules/@tensorflow/tfjs-core');
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, 'package.json'), '{ "main": "index.js" }');
  writeFileSync(join(installed, 'index.js'), 'exports.own = "its own";');
  writeFileSync(join(folder, 'program.ts'), "import { own } from '@tensorflow/tfjs-core';\nconsole.log(own);\n");
  const tsx = fileURLToPath(import.meta.resolve('tsx'));
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, 'program.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([stdout, stderr]).toEqual(['its own\n', '']);
});

test('init writes a gate to change, whose types an editor finds outside of the clone', async () => {
  const folder = bench.path('моя папка');
  mkdirSync(folder);
  const { status, stdout, stderr } = await bench.run('init', join(folder, 'my-gate.ts'));
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('--variants swiglu,my-gate');
  const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  const typescript = () =>
    spawnSync(process.execPath, [tsc, '-p', 'tsconfig.dynact.json'], { cwd: folder, encoding: 'utf8' }).stdout;
  expect(typescript()).toBe('');
  const file = join(folder, 'my-gate.ts');
  // Settings that only refer to others, and so give a program in the folder no types for packages: an editor follows them.
  expect(JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8'))).toEqual({
    ...{ files: [], references: [{ path: './tsconfig.dynact.json' }] },
  });
  writeFileSync(file, readFileSync(file, 'utf8').replace('tf.mul(c, x)', 'tf.mull(c, x)'));
  expect(typescript()).toMatch(/^my-gate\.ts\(8,\d+\): error TS2551: .*'mull'.*\n$/);
  const settings = join(folder, 'tsconfig.json');
  writeFileSync(settings, '{}');
  expect((await bench.runHere('init', join(folder, 'other.ts'))).status).toBe(0);
  expect(readFileSync(settings, 'utf8')).toBe('{}');
  for (const [name, message] of [
    ['my-gate.ts', /my-gate\.ts is there already; name a new file/],
    ['2nd.ts', /2nd\.ts: its gate is called as the file: letters from a to z, digits, - and _ alone/],
  ] as const) {
    const refused = await bench.runHere('init', join(folder, name));
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringMatching(message)]);
  }
});

test('a wrong flag is named, not the preset', async () => {
  const { status, stderr } = await bench.runHere('plan', '--preset', 'nano', '--steps', '0');
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: --set training\.steps=0: training\.steps: /)]);
});

test('configurations and prompts are read past a byte order mark, prompts without carriage returns', async () => {
  writeFileSync(bench.path('marked.json'), '\uFEFF{ "model": { "width": 64 } }');
  expect(loadConfiguration({ config: 'marked.json' }).raw).toEqual({ model: { width: 64 } });
  writeFileSync(bench.path('deep.json'), `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
  expect(() => loadConfiguration({ config: 'deep.json' })).toThrow(/deep\.json is nested too deeply; name a file/);
  writeFileSync(bench.path('marked.txt'), '\uFEFF\r\n');
  const { status, stderr } = await bench.runHere('sample', 'run', '--prompt-file', 'marked.txt');
  expect([status, stderr]).toEqual([2, 'error: --prompt-file: it is empty; give at least one character\n']);
});

test('options that npm took are named, with the form that works', async () => {
  const npm = { npm_lifecycle_event: 'trainer', npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64' };
  const program = await createProgram();
  expect(() => refuseOptionsOfNpm(program, { ...npm, npm_config_preset: 'nano' })).toThrow(
    '--preset: npm took it for itself; call ./dynact, or npm run trainer -- <command>',
  );
  expect(() => refuseOptionsOfNpm(program, { ...npm, npm_config_evaluate_at: '5' })).toThrow(/^--evaluate-at: /);
  expect(() => refuseOptionsOfNpm(program, npm)).not.toThrow();
  const pnpm = { ...npm, npm_config_user_agent: 'pnpm/12.21.0 npm/? node/v20.20.2', npm_config_preset: 'nano' };
  expect(() => refuseOptionsOfNpm(program, pnpm)).not.toThrow();
});

test('presets have a line each', async () => {
  const { status, stdout } = await bench.runHere('presets');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^gpt2-124m +124 M +12 x 768 +1024 +600,000 +/m);
  expect(stdout.trimEnd().split('\n')).toHaveLength(2 + Object.keys(presets).length);
  expect(stdout).toMatch(/\nwithout --preset: the model of default, 400 steps\n$/);
});

test('data remove deletes what was prepared, and nothing else', async () => {
  writeFileSync(bench.path('datasets/notes.txt'), 'mine');
  const { stdout } = await bench.runHere('data', 'prepare', 'walks.txt', '--vocab-size', '300', '--json');
  const { directory } = JSON.parse(stdout);
  const [{ name }] = JSON.parse((await bench.runHere('data', 'list', '--json')).stdout).filter(
    (corpus: { prepared: string[] }) => corpus.prepared.length > 0,
  );
  expect((await bench.runHere('data', 'remove', '..')).status).toBe(2);
  expect(name).toMatch(/^walks-[0-9a-f]{8}$/);
  expect((await bench.runHere('data', 'remove', 'walks')).stdout).toBe(`removed ${join(bench.datasets, name)}\n`);
  expect([existsSync(directory), existsSync(bench.corpus)]).toEqual([false, true]);
  expect(readFileSync(bench.path('datasets/notes.txt'), 'utf8')).toBe('mine');
  const again = await bench.runHere('data', 'remove', name);
  expect([again.status, again.stderr]).toEqual([2, expect.stringMatching(/is not prepared; name one of: none is$/m)]);
});
