import { backendName, compile } from '@dynact/tfjs-backend-onnxruntime';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createPrelu, defineActivation, InputError } from '../src/index.ts';
import { activationLayer } from '../src/layers.ts';
import {
  activationDocumentation,
  activationNames,
  createActivation,
  curve,
  isActivationCreator,
  OwnedActivation,
  registerActivation,
  restoreActivation,
} from '../src/registry.ts';

const value = (x: tf.Tensor, { c }: { c: tf.Tensor }) => tf.mul(x, tf.tanh(tf.mul(x, c)));
const parameters = { c: { initial: 1, meaning: 'steepness' } };
const xTanh = defineActivation({ name: 'x-tanh', title: 'x tanh', formula: 'x tanh(c x)', parameters, value });
const withGradient = defineActivation({
  name: 'x-tanh-by-hand',
  parameters,
  value,
  gradient: (x, { c }) => {
    const tanh = tf.tanh(tf.mul(x, c));
    const slope = tf.mul(x, tf.sub(1, tf.square(tanh)));
    return { x: tf.add(tanh, tf.mul(slope, c)), c: tf.mul(x, slope) };
  },
});

const f = (x: number, c: number) => x * Math.tanh(c * x);
const xs = [-3.1, -1.2, -0.4, 0.3, 0.9, 2.2];
const vs = [0.5, -1.5, 2, 1, -0.7, 0.2];
const dys = [1, -2, 0.5, 3, -1, 0.25];
const step = 1e-6;
/** Value and gradients of sum_i dy_i f(x_i, c_channel) v_i, by central differences in float64; v left out is 1. */
function expected(cs: readonly number[], v: readonly number[] = xs.map(() => 1)) {
  const c = (index: number) => cs[index % cs.length]!;
  const weights = dys.map((dy, index) => dy * v[index]!);
  const by = (g: (x: number, move: number, index: number) => number) =>
    xs.map((x, index) => (weights[index]! * (g(x, step, index) - g(x, -step, index))) / (2 * step));
  const ofC = by((x, move, index) => f(x, c(index) + move));
  return {
    y: xs.map((x, index) => f(x, c(index)) * v[index]!),
    dx: by((x, move, index) => f(x + move, c(index))),
    dv: xs.map((x, index) => dys[index]! * f(x, c(index))),
    dc: cs.map((_, channel) => ofC.reduce((sum, part, index) => sum + (index % cs.length === channel ? part : 0), 0)),
  };
}

function close(actual: tf.Tensor, numbers: readonly number[]): void {
  const read = [...actual.dataSync()];
  expect(read).toHaveLength(numbers.length);
  for (const [index, value] of read.entries()) expect(value).toBeCloseTo(numbers[index]!, 4);
}

describe.each(['cpu', backendName])('x tanh(c x) on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  describe.each([
    ['differentiated by TensorFlow.js', xTanh],
    ['with a gradient of its own', withGradient],
  ])('%s', (_, create) => {
    test.each([
      ['a layer', 'layer', [0.7]],
      ['a channel', 'channel', [0.7, -1.3, 2]],
    ] as const)('value and gradients, plain and as a gate, one parameter %s, eager and compiled', (_, scope, cs) => {
      const activation = create({ scope }, { channels: 3 });
      const [x, v, dy] = [xs, vs, dys].map((numbers) => tf.tensor2d(numbers, [2, 3])) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      const c = scope === 'layer' ? tf.scalar(cs[0]!) : tf.tensor1d([...cs]);
      const plain = (x: tf.Tensor, c: tf.Tensor, dy: tf.Tensor) =>
        tf.valueAndGrads((x: tf.Tensor, c: tf.Tensor) => activation.apply(x, { c }))([x, c], dy);
      const gate = (x: tf.Tensor, v: tf.Tensor, c: tf.Tensor, dy: tf.Tensor) =>
        tf.valueAndGrads((x: tf.Tensor, v: tf.Tensor, c: tf.Tensor) => activation.gate(x, v, { c }))([x, v, c], dy);
      const flat = ({ value, grads }: { value: tf.Tensor; grads: tf.Tensor[] }) => [value, ...grads];
      const compiledPlain = compile((x: tf.Tensor, c: tf.Tensor, dy: tf.Tensor) => flat(plain(x, c, dy)));
      const compiledGate = compile((x: tf.Tensor, v: tf.Tensor, c: tf.Tensor, dy: tf.Tensor) =>
        flat(gate(x, v, c, dy)),
      );
      // A compiled function records at its first call and replays at the second.
      const results = [0, 1].map(() => [compiledPlain(x, c, dy), compiledGate(x, v, c, dy)] as const);
      for (const [plainResult, gateResult] of [[flat(plain(x, c, dy)), flat(gate(x, v, c, dy))] as const, ...results]) {
        const { y, dx, dc } = expected(cs);
        for (const [index, numbers] of [y, dx, dc].entries()) close(plainResult[index]!, numbers);
        const gated = expected(cs, vs);
        for (const [index, numbers] of [gated.y, gated.dx, gated.dv, gated.dc].entries())
          close(gateResult[index]!, numbers);
      }
    });

    test('leaves no tensor behind, also where f(x) is x itself', () => {
      const identity = defineActivation({ name: 'same', value: (x) => x })();
      const activation = create();
      const [x, c] = [tf.tensor1d(xs), tf.scalar(1)];
      const before = tf.memory().numTensors;
      tf.dispose([
        activation.apply(x, { c }),
        activation.gate(x, x, { c }),
        identity.apply(x, {}),
        identity.gate(x, x, {}),
      ]);
      expect(tf.memory().numTensors).toBe(before);
      expect(x.isDisposed).toBe(false);
    });
  });

  test('second derivative, of a gradient of its own', () => {
    const activation = withGradient();
    const c = tf.scalar(0.7);
    const second = tf.grad((x) => tf.grad((x) => activation.apply(x, { c }))(x))(tf.tensor1d(xs));
    const h = 1e-4;
    const curvature = xs.map((x) => (f(x + h, 0.7) - 2 * f(x, 0.7) + f(x - h, 0.7)) / h ** 2);
    for (const [index, value] of [...second.dataSync()].entries()) expect(value).toBeCloseTo(curvature[index]!, 3);
  });
});

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).not.toContain('\n');
    return (error as InputError).message;
  }
  throw new Error('nothing was refused');
}

describe('what cannot work is refused in one line', () => {
  const apply = (own: Partial<Parameters<typeof defineActivation<'c'>>[0]>) => () => {
    const activation = defineActivation({ name: 'broken', parameters, value, ...own })();
    return tf.grad((x) => activation.apply(x, { c: tf.scalar(1) }))(tf.tensor1d([1, 2]));
  };

  test.each<[string, Partial<Parameters<typeof defineActivation<'c'>>[0]>, string]>([
    [
      'value throws',
      { value: () => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3])) },
      'broken: value throws: Error in matMul',
    ],
    ['another shape', { value: (x) => tf.sum(x) }, 'broken: value is float32 []; it must be float32 [2], as x is'],
    ['another type', { value: (x) => tf.greater(x, 0) }, 'broken: value is bool [2]; it must be float32 [2]'],
    ['no tensor', { value: () => undefined as unknown as tf.Tensor }, 'broken: value is no tensor'],
    [
      'gradient throws',
      {
        gradient: () => {
          throw new Error('first\nsecond');
        },
      },
      'broken: gradient throws: first',
    ],
    [
      'gradient of another shape',
      { gradient: (x, { c }) => ({ x, c }) },
      'broken: gradient by c is float32 []; it must be',
    ],
    [
      'no gradient by c',
      { gradient: (x) => ({ x }) as { x: tf.Tensor; c: tf.Tensor } },
      'broken: gradient by c is no tensor',
    ],
    ['initial value', { parameters: { c: { initial: Number.NaN } } }, 'broken: c is NaN; it must be a finite number'],
    [
      'initial value of its bound',
      { parameters: { c: { initial: 0, above: 0 } } },
      'c is 0; it must be a finite number > 0',
    ],
    [
      'no initial value',
      { parameters: { c: {} as { initial: number } } },
      'broken: c is undefined; it must be a finite number',
    ],
    ['a name with a comma', { name: 'a,b' }, 'defineActivation: "a,b" names nothing'],
    ['no name', { name: undefined as unknown as string }, 'defineActivation: undefined names nothing'],
  ])('%s', (_, own, message) => {
    expect(refusal(apply(own))).toContain(message);
  });

  test('reserved parameter names, unknown options', () => {
    const reserved = { name: 'reserved', parameters: { scope: { initial: 1 } }, value: (x: tf.Tensor) => x };
    expect(refusal(() => defineActivation(reserved))).toContain('defineActivation: "scope" names nothing');
    expect(refusal(() => xTanh({ d: 1 } as object))).toContain('x-tanh: unknown option "d"; it takes c, scope');
  });

  test('a name that is taken', () => {
    for (const name of ['silu', 'swiglu']) {
      const message = refusal(() => registerActivation(defineActivation({ name, parameters, value })));
      expect(message).toBe(`activation "${name}": the name is taken; choose another one`);
    }
  });
});

test('once registered it is as good as a built-in one', async () => {
  registerActivation(xTanh);
  registerActivation(xTanh);
  expect(activationNames().at(-1)).toBe('x-tanh');
  const { formula, parameters, options } = activationDocumentation('x-tanh');
  expect(formula).toBe('x tanh(c x)');
  expect(parameters).toEqual({ c: 'steepness; initially 1' });
  expect(options).toEqual(['c', 'scope', 'frozen', 'learningRateMultiplier']);
  expect(createActivation('x-tanh', { c: 0.5 }).options).toEqual({
    c: 0.5,
    scope: 'layer',
    frozen: false,
    learningRateMultiplier: 1,
  });
  const x = tf.tensor2d(xs, [2, 3]);
  const { y } = expected([0.5]);
  const owned = new OwnedActivation(createActivation('x-tanh', { c: 0.5 }));
  close(restoreActivation(await owned.serialize()).apply(x), y);
  close(activationLayer({ activation: 'x-tanh', options: { c: 0.5 } }).apply(x) as tf.Tensor, y);
  const drawn = await curve('x-tanh', { c: 0.5 }, { from: -1, to: 1, points: 3 });
  expect(drawn.value[2]).toBeCloseTo(Math.tanh(0.5), 6);
});

test('tells what defineActivation made from everything else that a module may hold', () => {
  expect([xTanh, createPrelu].every(isActivationCreator)).toBe(true);
  expect([undefined, null, {}, value, 'x-tanh', createPrelu()].some(isActivationCreator)).toBe(false);
});
