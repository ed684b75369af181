import { afterEach, beforeAll, expect, test } from 'vitest';
import { elementTypeCode, encodeModel, ownDomain } from '../src/onnx/encode.ts';
import type { CustomOperator } from '../src/runtime/custom-operators.ts';
import { onnxRuntime } from '../src/runtime/library.ts';
import { NativeSession } from '../src/runtime/native.ts';
import { loadKoffi } from '../src/runtime/native-files.cjs';
import { emptyTensor, hostTensor } from '../src/runtime/tensor.ts';
import { collectGarbage } from './support/collected.ts';
import { useBackend } from './support/reference.ts';

beforeAll(() => useBackend());

const floats = (address: bigint, length: number) => new Float32Array(loadKoffi().view(address, 4 * length));

/** x -> 2 x and x + 1. */
const operator = (name: string, compute?: CustomOperator['compute']): CustomOperator => ({
  name,
  place: 'cpu',
  provider: 'CPUExecutionProvider',
  inputs: ['float32'],
  outputs: [[2, 3], [6]],
  compute:
    compute ??
    (([x], [double, next]) => {
      floats(double!, 6).set(floats(x!, 6).map((number) => 2 * number));
      floats(next!, 6).set(floats(x!, 6).map((number) => number + 1));
    }),
});

const results = () => [emptyTensor('float32', [2, 3]), emptyTensor('float32', [6])];

/** A session of the operator and of one that reads its first result: as numbers, or as rows of the input. */
function session(own: CustomOperator, next: 'Neg' | 'Gather' = 'Neg'): NativeSession {
  const node = (op: string, domain: string, inputs: string[], outputs: string[]) => ({
    op,
    domain,
    attributes: {},
    inputs,
    outputs,
    origin: undefined,
  });
  const model = encodeModel({
    nodes: [
      node(own.name, ownDomain, ['x'], ['double', 'next']),
      ...(next === 'Neg'
        ? [node('Neg', '', ['double'], ['negative'])]
        : [
            { ...node('Cast', '', ['double'], ['rows']), attributes: { to: elementTypeCode('int32') } },
            node('Gather', '', ['next', 'rows'], ['negative']),
          ]),
    ],
    inputs: ['x'],
    outputs: ['negative', 'next'],
    constants: new Map(),
    captured: new Map(),
    hidden: new Set(),
    tensors: new Map(
      ['x', 'double', 'negative', 'next', 'rows'].map((name) => [
        name,
        { type: 'float32', shape: name === 'next' ? [6] : [2, 3] },
      ]),
    ),
  });
  return new NativeSession(model, ['x'], ['negative', 'next'], { logLevel: 4, operators: [own] });
}

const x = hostTensor('float32', Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);

beforeAll(collectGarbage);
afterEach(() => expect(onnxRuntime().living.CustomOpDomain).toBe(0));

test('an operator of our own computes inside a graph, run after run, and is released with its session', () => {
  const own = session(operator('DoubleAndNext'));
  for (let run = 0; run < 3; run++) {
    const results = [emptyTensor('float32', [2, 3]), emptyTensor('float32', [6])];
    own.prepare([x], results).finish();
    expect(results.map(({ data }) => [...(data as Float32Array)])).toEqual([
      [-2, -4, -6, -8, -10, -12],
      [2, 3, 4, 5, 6, 7],
    ]);
  }
  own.dispose();
});

test('its error is that of the run', () => {
  const own = session(
    operator('Fails', () => {
      throw new Error('no kernel for this');
    }),
  );
  const run = () => own.prepare([x], [emptyTensor('float32', [2, 3]), emptyTensor('float32', [6])]).finish();
  expect(run).toThrow('no kernel for this');
  expect(run).toThrow('no kernel for this');
  own.dispose();
});

test('its error is thrown rather than that of an operator that failed for it, and by no later run', () => {
  const fails = operator('FailsFirst', (_, [double]) => {
    floats(double!, 6).fill(99);
    throw new Error('the cause');
  });
  const own = session(fails, 'Gather');
  expect(() => own.prepare([x], results()).finish()).toThrow('the cause');
  const other = session(operator('DoubleAndNext'));
  other.prepare([x], results()).finish();
  own.dispose();
  other.dispose();
});
