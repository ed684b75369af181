import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleComparison } from '../support/example-comparison.ts';

/** The package as its users get it: built, packed, and laid into the node_modules of a folder of its own. */

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';

/** Runs a command and returns what it printed on stdout; fails with everything that it printed. */
function run(command: string, commandArguments: string[], cwd: string): string {
  const child = spawnSync(command, commandArguments, { cwd, encoding: 'utf8' });
  if (child.status !== 0) {
    throw new Error(`${command} ${commandArguments.join(' ')} exited ${child.status}\n${child.stdout}${child.stderr}`);
  }
  return child.stdout;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'runs-package-'));
  // Dependencies from the registry as the workspace has them: none is asked.
  const registry = readdirSync(join(packageFolder, 'node_modules')).filter((name) => name !== '@dynact');
  for (const name of ['files', 'runs']) {
    const source = join(packageFolder, '..', name);
    run('npm', ['run', '--silent', 'build'], source);
    run('npm', ['pack', '--silent', '--pack-destination', folder], source);
    const installed = join(folder, 'node_modules', '@dynact', name);
    mkdirSync(join(installed, 'node_modules'), { recursive: true });
    run('tar', ['-xzf', `dynact-${name}-0.1.0.tgz`, '-C', installed, '--strip-components=1'], folder);
    for (const dependency of registry) {
      symlinkSync(join(packageFolder, 'node_modules', dependency), join(installed, 'node_modules', dependency));
    }
  }
  const nodeTypes = createRequire(join(packageFolder, '../../package.json')).resolve('@types/node/package.json');
  run('mkdir', ['-p', join(folder, 'node_modules', '@types')], folder);
  symlinkSync(join(nodeTypes, '..'), join(folder, 'node_modules', '@types', 'node'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
}, 180_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const use = `
import { readFileSync } from 'node:fs';
import { createRunFolder } from '@dynact/runs';
import { comparisonSchema, lastPaired, pairedComparison, verdictSentence } from '@dynact/runs/records';
import { renderReport } from '@dynact/runs/report';

const comparison = comparisonSchema.parse(JSON.parse(readFileSync('comparison.json', 'utf8')));
const folder = createRunFolder('run', {
  config: {},
  versions: {},
  backend: { name: 'cpu', device: 'cpu', threads: 1 },
  gitCommit: null,
});
folder.writeCheckpoint(1, { weights: new Map(), optimizer: new Map(), state: {} });
folder.close();
const paired = pairedComparison(new Map([[0, 4], [1, 5]]), new Map([[0, 3], [1, 5.5]]));
const report = await renderReport(comparison);
console.log(JSON.stringify([paired.n, report.includes('<svg '), verdictSentence(comparison, lastPaired(comparison)[0]!)]));
`;

describe('the published package', () => {
  test('runs from its built files', () => {
    writeFileSync(join(folder, 'comparison.json'), JSON.stringify(exampleComparison()));
    writeFileSync(join(folder, 'use.mjs'), use.replaceAll(']!', ']'));
    const [n, chart, sentence] = JSON.parse(run(process.execPath, ['use.mjs'], folder)) as unknown[];
    expect([n, chart]).toEqual([2, true]);
    expect(sentence).toContain('dynactglu is better');
    expect(readdirSync(join(folder, 'run', 'checkpoints'))).toEqual(['step-00000001']);
  });

  test('has declarations that a strict project accepts without the sources', () => {
    // Without src, a declaration that leans on a file outside dist is found out.
    for (const name of ['files', 'runs'])
      rmSync(join(folder, 'node_modules', '@dynact', name, 'src'), { recursive: true });
    writeFileSync(
      join(folder, 'use.ts'),
      `${use}
import { type StoredTensor } from '@dynact/runs';
import { type Comparison, studentQuantile } from '@dynact/runs/records';
const quantile: number = studentQuantile(0.975, 5);
// @ts-expect-error: the types are real ones, not any
const wrong: string = quantile;
// @ts-expect-error
const tensor: StoredTensor = { shape: [1], data: new Float64Array(1) };
export const name: string | undefined = (comparison satisfies Comparison).variants[0]?.name;
export { tensor, wrong };
`,
    );
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      // vega's own types name DOM types, so the standard library stays whole.
      types: ['node'],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    const compiler = createRequire(join(packageFolder, '../../package.json')).resolve('typescript/package.json');
    run(process.execPath, [join(compiler, '../bin/tsc'), '-p', folder], folder);
  });
});
