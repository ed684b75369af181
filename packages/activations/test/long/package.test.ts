import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleSizes } from '../../scripts/bundle-size.ts';

/** The package as its users get it: built, packed, and installed with npm in a folder of its own. */

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const versions = (require('../../package.json') as { peerDependencies: Record<string, string> }).peerDependencies;
let folder = '';

/** Runs a command and returns what it printed on stdout; fails with everything that it printed. */
function run(command: string, commandArguments: string[], cwd: string): string {
  const child = spawnSync(command, commandArguments, { cwd, encoding: 'utf8' });
  if (child.status !== 0) {
    throw new Error(
      `${command} ${commandArguments.join(' ')} exited ${child.status}\n${child.stdout}\n${child.stderr}`,
    );
  }
  return child.stdout;
}

const install = (...packages: string[]) =>
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...packages], folder);

function installed(name: string): string {
  return (require(`${name}/package.json`) as { version: string }).version;
}

function runScript(name: string, source: string): string {
  writeFileSync(join(folder, name), source);
  return run(process.execPath, [name], folder).trim();
}

let tarball = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'activations-'));
  run('npm', ['run', '--silent', 'build'], packageFolder);
  run('npm', ['pack', '--silent', '--pack-destination', folder], packageFolder);
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true }));
  install(tarball, `@tensorflow/tfjs-backend-cpu@${installed('@tensorflow/tfjs-backend-cpu')}`);
}, 180_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const use = `
const x = tf.tensor1d([-1, 0, 2]);
const y = activations.dynActivation(x, 0.7, 0.2, { base: 'mish' });
const [dx, dalpha] = tf.grads((x, alpha) => activations.dynActivation(x, alpha, 0.2))([x, tf.scalar(0.7)]);
console.log(JSON.stringify([y, dx, dalpha].map((tensor) => Array.from(tensor.dataSync(), (value) => value.toFixed(4)))));
`;
const expected = '[["-0.3517","0.0000","1.3720"],["0.2362","0.4500","0.7454"],["1.4927"]]';

const useRegistry = `
const owned = new registry.OwnedActivation(registry.createActivation('apalu'));
const layer = layers.activationLayer({ activation: 'apalu' });
console.log(owned.apply(tf.tensor1d([-1])).dataSync()[0].toFixed(4), layer.apply(tf.tensor2d([[-1]])).dataSync()[0].toFixed(4));
`;

describe('installed with npm in an empty project', () => {
  test('needs nothing but tfjs-core', () => {
    expect(versions).toHaveProperty('@tensorflow/tfjs-core');
    expect(existsSync(join(folder, 'node_modules/@tensorflow/tfjs-core'))).toBe(true);
    expect(existsSync(join(folder, 'node_modules/@tensorflow/tfjs-layers'))).toBe(false);
  });

  test('works from an ES module', () => {
    const imports = `import * as tf from '@tensorflow/tfjs-core';\nimport '@tensorflow/tfjs-backend-cpu';\nimport * as activations from '@dynact/activations';\n`;
    expect(runScript('use.mjs', imports + use)).toBe(expected);
  });

  test('works from CommonJS', () => {
    const requires = `const tf = require('@tensorflow/tfjs-core');\nrequire('@tensorflow/tfjs-backend-cpu');\nconst activations = require('@dynact/activations');\n`;
    expect(runScript('use.cjs', requires + use)).toBe(expected);
  });

  describe('with the optional peer', () => {
    beforeAll(() => {
      install(`@tensorflow/tfjs-layers@${installed('@tensorflow/tfjs-layers')}`);
    }, 120_000);

    test('registry and layers work from an ES module', () => {
      const imports = `import * as tf from '@tensorflow/tfjs-core';\nimport '@tensorflow/tfjs-backend-cpu';\nimport * as registry from '@dynact/activations/registry';\nimport * as layers from '@dynact/activations/layers';\n`;
      expect(runScript('registry.mjs', imports + useRegistry)).toBe('-0.4741 -0.4741');
    });

    test('registry and layers work from CommonJS', () => {
      const requires = `const tf = require('@tensorflow/tfjs-core');\nrequire('@tensorflow/tfjs-backend-cpu');\nconst registry = require('@dynact/activations/registry');\nconst layers = require('@dynact/activations/layers');\n`;
      expect(runScript('registry.cjs', requires + useRegistry)).toBe('-0.4741 -0.4741');
    });

    test.each([
      ['bundler', 'esnext', 'use.ts'],
      ['node16', 'node16', 'use.mts'],
      ['node16', 'node16', 'use.cts'],
    ])('types under strict, moduleResolution %s, module %s, in %s', (moduleResolution, module, file) => {
      writeFileSync(
        join(folder, file),
        `import { mul, type Tensor, tensor1d } from '@tensorflow/tfjs-core';
import { createDynActivation, defineActivation, dynActivation, OwnedActivation } from '@dynact/activations';
import { type Activation, createActivation, curve, registerActivation } from '@dynact/activations/registry';
import { activationLayer } from '@dynact/activations/layers';
const y: Tensor = dynActivation(tensor1d([1]), 1, 0, { base: 'mish' });
const activation: Activation = createActivation('apalu', { a: 1 });
const owned = new OwnedActivation(createDynActivation({ base: 'silu', scope: 'channel' }, { channels: 3 }));
const bent = defineActivation({ name: 'bent', parameters: { c: { initial: 1 } }, value: (x, { c }) => mul(x, c) });
registerActivation(bent);
const own: Activation = bent({ c: 0.5, scope: 'channel' }, { channels: 1 });
// @ts-expect-error: no such parameter
bent({ d: 0.5 });
// @ts-expect-error: no such base
createDynActivation({ base: 'nothing' });
// @ts-expect-error: no such base
dynActivation(y, 1, 0, { base: 'nothing' });
// @ts-expect-error: beta is missing
dynActivation(y, 1);
export const all = [own, owned.apply(y), activation.parameters[0]?.learningRateMultiplier, curve('silu'), activationLayer({ activation: 'silu' })];
`,
      );
      const flags = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom', '--types', ''];
      const tsc = join(packageFolder, 'node_modules/.bin/tsc');
      const resolution = ['--module', module, '--moduleResolution', moduleResolution, file];
      run(tsc, [...flags, '--skipLibCheck', ...resolution], folder);
      // tfjs-core's own declarations clash with the DOM's; ours must stand a check of every library.
      const { stdout } = spawnSync(tsc, [...flags, ...resolution], { cwd: folder, encoding: 'utf8' });
      expect(stdout.split('\n').filter((line) => line.includes('@dynact') || line.startsWith(file))).toEqual([]);
    });
  });

  test('publint and attw report nothing', () => {
    const bin = (name: string) => join(packageFolder, 'node_modules/.bin', name);
    expect(run(bin('publint'), ['--strict', '--pack', 'npm'], packageFolder)).toContain('All good!');
    expect(run(bin('attw'), [tarball], packageFolder)).toContain('No problems found');
  });
});

test('dynActivation alone is at most 5 kB minified', async () => {
  const sizes = await bundleSizes();
  const dynActivation = sizes.find(({ imports }) => imports === 'dynActivation')!;
  expect(dynActivation.minified).toBeLessThanOrEqual(5000);
  expect(dynActivation.minified).toBeGreaterThan(500);
});
