import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { apl, dynActivation, InputError, pau, silu, swiglu } from '../src/index.ts';
import {
  activationDocumentation,
  activationNames,
  createActivation,
  curve,
  OwnedActivation,
  restoreActivation,
} from '../src/registry.ts';

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).exitCode).toBe(2);
    return (error as InputError).message;
  }
  throw new Error('nothing was refused');
}

describe('wrong options name the activation, the option and what is allowed', () => {
  test.each([
    ['sillu', {}, ['"sillu"', 'silu', 'dynactivation', 'apalu']],
    ['dynactivation', { base: 'swish' }, ['dynactivation', 'base', '"swish"', 'silu', 'mish', 'relu']],
    ['dynactivation', { alfa: 1 }, ['dynactivation', '"alfa"', 'base, alpha, beta, scope, frozen']],
    ['dynactivation', { alpha: '1' }, ['dynactivation', 'alpha', '"1"', 'number']],
    ['dynactivation', { scope: 'head' }, ['dynactivation', 'scope', '"head"', 'layer, channel']],
    ['dynactivation', { frozen: 1 }, ['dynactivation', 'frozen', 'boolean']],
    ['dynactivation', { frozen: ['gamma'] }, ['dynactivation', 'frozen', 'a list of alpha, beta']],
    ['dynactivation', { learningRateMultiplier: -1 }, ['dynactivation', 'learningRateMultiplier', '-1', '>= 0']],
    ['dynactivation', 'silu', ['dynactivation', 'object', 'base, alpha, beta']],
    ['apalu', { b: 0 }, ['apalu', 'b is 0', '> 0']],
    ['apalu', { a: -2 }, ['apalu', 'a is -2', '> 0']],
    ['pelu', { b: -1 }, ['pelu', 'b is -1', '> 0']],
    ['scaled-softsign', { b: 0 }, ['scaled-softsign', 'b is 0', '> 0']],
    ['xielu', { an: 0.5 }, ['xielu', 'an is 0.5', '> 0.5']],
    ['srelu', { tl: 1, tr: 0 }, ['srelu', 'tr is 0', '>= tl, 1']],
    ['apl', { hinges: 0 }, ['apl', 'hinges is 0', 'integer >= 1']],
    ['apl', { hinges: 2, b: [1] }, ['apl', 'b has 1', 'one per hinge, 2']],
    ['pau', { numerator: [1, 2] }, ['pau', 'numerator has 2', 'must have 6']],
    ['pau', { numerator: [1, '2'] }, ['pau', 'numerator is [1,"2"]', 'list of finite numbers']],
    ['prelu', { a: Number.NaN }, ['prelu', 'a is NaN', 'finite number']],
    ['prelu', { constructor: 1 }, ['prelu', 'unknown option "constructor"', 'it takes a, scope, frozen']],
    ['pau', { denominator: [1, 2] }, ['pau', 'denominator has 2', 'must have 4']],
    ['relu', { a: 1 }, ['relu', '"a"', 'it takes no options']],
    ['leaky-relu', { negativeSlope: 'x' }, ['leaky-relu', 'negativeSlope', 'number']],
  ])('%s %j', (name, options, parts) => {
    const message = refusal(() => createActivation(name, options));
    for (const part of parts) expect(message).toContain(part);
    expect(message).not.toContain('\n');
  });

  test('channels: missing, wrong, or not those of x', () => {
    const missing = refusal(() => createActivation('apalu', { scope: 'channel' }));
    expect(missing).toContain('apalu: scope "channel" needs channels');
    expect(refusal(() => createActivation('apalu', { scope: 'channel' }, { channels: 1.5 }))).toContain('integer >= 1');
    const activation = new OwnedActivation(createActivation('apalu', { scope: 'channel' }, { channels: 3 }));
    const message = refusal(() => activation.apply(tf.zeros([2, 4])));
    expect(message).toContain('apalu: a parameter of shape [3] does not fit x of shape [2,4]');
    expect(message).toContain('[4]');
  });

  test('parameters that are missing or of another shape', () => {
    const activation = createActivation('dynactivation');
    const x = tf.zeros([2]);
    expect(refusal(() => activation.apply(x, { alpha: tf.scalar(1) }))).toContain(
      '"beta" is missing; it takes alpha, beta',
    );
    const wrong = { alpha: tf.scalar(1), beta: tf.zeros([2]) };
    expect(refusal(() => activation.apply(x, wrong))).toContain(
      '"beta" has shape [2]; with scope "layer" it must be []',
    );
  });

  test('tensors that are no floats or do not match', () => {
    expect(refusal(() => silu(tf.tensor1d([1], 'int32')))).toContain('silu: an input is int32');
    expect(refusal(() => swiglu(tf.zeros([2, 3]), tf.zeros([2, 4])))).toContain('gate [2,3] and value [2,4]');
    expect(refusal(() => dynActivation(tf.zeros([2]), tf.zeros([2, 2]), 0))).toContain('shape [2,2]');
    expect(refusal(() => dynActivation(tf.zeros([2]), 1, 0, { base: 'nothing' as 'silu' }))).toContain(
      'base "nothing"',
    );
    expect(refusal(() => apl(tf.zeros([2]), [1, 2], [1]))).toContain('2 slopes and 1 offsets');
    expect(refusal(() => pau(tf.zeros([2]), [1], [1, 2, 3, 4]))).toContain('numerator has 1');
  });

  test('curve ranges and stored parameters', async () => {
    await expect(curve('silu', {}, { from: 1, to: 1 })).rejects.toThrow('from < to');
    await expect(curve('silu', {}, { points: 1 })).rejects.toThrow('points is 1');
    const stored = { name: 'prelu', options: {}, parameters: { a: [1, 2] } };
    expect(refusal(() => restoreActivation(stored))).toContain('prelu: parameter "a" must be 1 finite numbers');
    expect(refusal(() => restoreActivation({ ...stored, parameters: { c: [1] } }))).toContain('unknown parameter "c"');
  });
});

test('documents every activation', () => {
  for (const name of activationNames()) {
    const documentation = activationDocumentation(name);
    expect(documentation.formula.length, name).toBeGreaterThan(0);
    expect(documentation.source.length, name).toBeGreaterThan(0);
    const parameters = createActivation(name).parameters.map(({ name }) => name);
    const documented = Object.keys(documentation.parameters).join(', ');
    expect(documented, name).toBe(parameters.join(', '));
  }
});
