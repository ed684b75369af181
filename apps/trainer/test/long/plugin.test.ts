import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTokenizer } from '@dynact/data';
import { runOnnx } from '@dynact/tfjs-backend-onnxruntime';
import { beforeAll, describe, expect, test } from 'vitest';
import { ended, sha256, until, Workbench } from '../support/workbench.ts';

const bench = new Workbench();
const gates = bench.path('gates');
const imports = `
  import { defineActivation } from '@dynact/activations';
  import { defineFeedForward } from '@dynact/transformer';
  import * as tf from '@tensorflow/tfjs-core';
`;
/** A gate x tanh(c x) and a block of its own, in a folder without packages. */
const plugin = `${imports}
  type Parameters = { readonly c: tf.Tensor };
  defineActivation({
    name: 'x-tanh',
    parameters: { c: { initial: 1 } },
    value: (x: tf.Tensor, { c }: Parameters) => tf.mul(x, tf.tanh(tf.mul(c, x))),
  });
  defineFeedForward({
    name: 'squared',
    block: ({ hiddenWidth, linear, output }) => {
      const [up, down] = [linear('up', hiddenWidth), output('down', hiddenWidth)];
      return (x) => down(tf.square(tf.relu(up(x))));
    },
  });
`;
const compared = ['compare', '--out', 'gates', '--plugin', 'my gate.ts'];
const settings = [...bench.tiny(), '--variants', 'swiglu,x-tanh,squared', '--seeds', '0,1'];

function checkpoint(run: string, step: number): string {
  return join(gates, run, 'checkpoints', `step-${String(step).padStart(8, '0')}`);
}

/** The text that the exported model gives when its likeliest token follows each time. */
async function greedyText(folder: string, prompt: string, count: number): Promise<string> {
  const model = new Uint8Array(readFileSync(join(folder, 'model.onnx')));
  const tokenizer = await createTokenizer({ encoding: 'r50k_base', vocabularySize: 300 });
  const tokens = tokenizer.encode(prompt);
  for (let added = 0; added < count; added++) {
    const ids = { data: BigInt64Array.from(tokens, BigInt), shape: [1, tokens.length] };
    const last = runOnnx(model, { input_ids: ids }, ['logits']).logits!.slice(-300);
    tokens.push(last.indexOf(Math.max(...last)));
  }
  return tokenizer.decode(tokens);
}

describe('a gate and a block of a plugin, compared with swiglu over two seeds', () => {
  beforeAll(async () => {
    writeFileSync(bench.path('my gate.ts'), plugin);
    const child = bench.start([...compared, ...settings]);
    const outcome = ended(child);
    await until(() => existsSync(checkpoint('x-tanh-seed-0', 5)), outcome);
    child.kill('SIGKILL');
    expect((await outcome).status).toBe(null);
  }, 300_000);

  test('go on after a kill, by the folder and the plugin, to the bits of a run that was never stopped', async () => {
    const forgotten = await bench.run('compare', '--out', 'gates');
    expect([forgotten.status, forgotten.stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error: \S*x-tanh-seed-0 is made with x-tanh, squared of a plugin, whose code runs only where you name it; add --plugin ".*my gate\.ts"\n$/,
      ),
    ]);
    const { status, stdout, stderr } = await bench.run(...compared);
    expect(stderr).not.toContain('error');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^squared - swiglu +20 +2 /m)]);
    const where = await bench.run('status', 'gates', '--plugin', 'my gate.ts');
    expect([where.status, where.stdout]).toEqual([0, expect.stringMatching(/^6 finished$/m)]);
    const whole = bench.path('whole');
    const kind = ['--feed-forward', 'x-tanh', '--seed', '0', '--plugin', 'my gate.ts'];
    expect((await bench.run('train', ...bench.tiny(), ...kind, '--out', whole)).status).toBe(0);
    const weights = (run: string) => sha256(join(run, 'checkpoints', 'step-00000020', 'weights.safetensors'));
    expect(weights(join(gates, 'x-tanh-seed-0'))).toBe(weights(whole));
    const resumed = await bench.run('train', '--resume', whole, '--plugin', 'my gate.ts');
    expect([resumed.status, resumed.stdout]).toEqual([0, expect.stringMatching(/^finished after 20 steps/)]);
    const recorded = JSON.parse(readFileSync(join(gates, 'squared-seed-1', 'config.json'), 'utf8')).plugins;
    const file = bench.path('my gate.ts');
    expect(recorded).toEqual([expect.objectContaining({ file, sha256: sha256(file), names: ['x-tanh', 'squared'] })]);
    expect(JSON.parse(readFileSync(join(gates, 'swiglu-seed-1', 'config.json'), 'utf8')).plugins).toEqual([]);
  }, 300_000);

  test.each(['x-tanh', 'squared'])(
    '%s samples, evaluates, and exports to ONNX with equal greedy text',
    async (name) => {
      const run = join('gates', `${name}-seed-1`);
      const plugged = ['--plugin', 'my gate.ts'];
      const greedy = ['--prompt', 'the', '--temperature', '0', '--max-tokens', '8', '--json'];
      const sampled = await bench.run('sample', run, ...greedy, ...plugged);
      expect(sampled.status, sampled.stderr).toBe(0);
      const out = bench.path(`${name}-onnx`);
      const exported = await bench.run('export', run, '--format', 'onnx', '--out', out, ...plugged);
      expect(exported.status, exported.stderr).toBe(0);
      const { text, prompt } = JSON.parse(sampled.stdout);
      expect(await greedyText(out, prompt, 8)).toBe(prompt + text);
      const evaluated = await bench.run('evaluate', run, '--json', ...plugged);
      const summary = JSON.parse(readFileSync(join(gates, `${name}-seed-1`, 'summary.json'), 'utf8'));
      expect(JSON.parse(evaluated.stdout).loss).toBeCloseTo(summary.wholeSplit.loss, 6);
    },
    300_000,
  );

  test('a changed plugin, and a folder that names one, run nothing', async () => {
    const ran = bench.path('ran');
    const changed = bench.path('changed/my gate.ts');
    mkdirSync(bench.path('changed'));
    writeFileSync(
      changed,
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(ran)}, ''); ${plugin}`,
    );
    const prompt = ['--prompt', 'the', '--max-tokens', '1'];
    const run = join('gates', 'squared-seed-0');
    const other = await bench.runHere('sample', run, ...prompt, '--plugin', 'changed/my gate.ts');
    expect([other.status, other.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: .* is not the plugin that .* \(its sha256 is .*\n$/),
    ]);
    const none = await bench.runHere('sample', run, ...prompt);
    expect([none.status, none.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: .*; add --plugin ".*my gate\.ts"\n$/),
    ]);
    const resumed = await bench.runHere('train', '--resume', run);
    expect([resumed.status, resumed.stderr]).toEqual([2, expect.stringMatching(/; add --plugin /)]);
    expect(existsSync(ran)).toBe(false);
  });
});

describe('check-plugin', () => {
  test('says of a right one what was tried, and how long it takes', async () => {
    writeFileSync(bench.path('right.ts'), plugin.replaceAll('x-tanh', 'x-tanh-2').replaceAll('squared', 'squared-2'));
    const { status, stdout } = await bench.runHere('check-plugin', 'right.ts');
    expect(status).toBe(0);
    for (const line of ['value', 'gradient', 'as a gate', 'second use', 'ONNX']) {
      expect(stdout).toMatch(new RegExp(`^x-tanh-2: ${line} +right$`, 'm'));
    }
    expect(stdout).toMatch(/^squared-2: speed +\d+\.\d\d times as long as swiglu, forward and backward$/m);
  });

  test.each([
    ['throws', `value: () => { throw new Error('not yet') }`, /^error: throws\.js: throws: value throws: not yet\n$/],
    [
      'shape',
      'value: (x) => tf.sum(x, -1)',
      /^error: shape\.js: shape: value is float32 \[4\]; it must be float32 \[4,6\], as x is\n$/,
    ],
    [
      'slope',
      'value: (x) => tf.tanh(x), gradient: (x) => ({ x: tf.sub(1, tf.square(x)) })',
      /^error: slope\.js: slope: gradient by x is \S+ where finite differences give \S+\n$/,
    ],
    ['swiglu', 'value: (x) => x', /^error: plugin \S+swiglu\.js: "swiglu": the name is taken; choose another one\n$/],
  ])('refuses %s in one line', async (name, body, message) => {
    writeFileSync(bench.path(`${name}.js`), `${imports} defineActivation({ name: '${name}', ${body} });`);
    const { status, stderr } = await bench.runHere('check-plugin', `${name}.js`);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

test('a registered activation is a variant by its name, as a gate and in a plain block', async () => {
  const variants = ['compare', ...bench.tiny({ 'training.steps': 2 }), '--out', 'none', '--variants'];
  for (const [names, message] of [
    ['swiglu,silu', /^error: \S+: comparison\.variants: swiglu and silu are the same model; leave one out\n$/],
    ['mlp.gelu,mlp', /^error: \S+: comparison\.variants: mlp\.gelu and mlp are the same model; leave one out\n$/],
    ['mish,mlp.mish,mishh', /^error: --variants: unknown variant "mishh"; use .*an activation as a gate \(mish\)/],
  ] as const) {
    const { status, stderr } = await bench.runHere(...variants, names);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  }
});
