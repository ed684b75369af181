import type { ActivationCreator } from '@dynact/activations/registry';
import type { Compile } from '@dynact/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Plugin } from '../load.ts';
import { exportFault } from './export.ts';
import { gradientFault } from './finite-differences.ts';
import { timeOf } from './speed.ts';
import { activationSubject, blockSubject, type Subject } from './subject.ts';

/** One thing that was tried of an activation or a block. */
export interface CheckResult {
  readonly name: string;
  readonly check: string;
  /** One line of what is wrong; undefined where it is right. */
  readonly fault: string | undefined;
  /** A figure beside it. */
  readonly note?: string;
}

interface Check {
  readonly check: string;
  run(): string | undefined;
}

/**
 * Tries what a plugin defines on the current backend: values, gradients against finite differences, the second use, the form of a
 * gate, ONNX, and how long a step of a block takes beside swiglu's. Of what gives no right value nothing else is tried.
 */
export function checkPlugin({ activations, feedForwards }: Plugin, compile: Compile): CheckResult[] {
  return [
    ...activations.flatMap((creator) => checkActivation(creator, compile)),
    ...feedForwards.flatMap(({ name }) => {
      const block = () => blockSubject(name, 16, 5);
      return checked(name, [name], compile, [
        { check: 'value', run: () => withSubject(block, valueFault) },
        { check: 'gradient', run: () => withSubject(block, gradientOf) },
        { check: 'second use', run: () => withSubject(block, (subject) => secondUseFault(subject, compile)) },
      ]);
    }),
  ];
}

function checkActivation(creator: ActivationCreator, compile: Compile): CheckResult[] {
  const { name } = creator.definition.documentation;
  const plain = () => activationSubject(creator, 'plain');
  const gate = () => activationSubject(creator, 'gate');
  return checked(name, [name, `mlp.${name}`], compile, [
    { check: 'value', run: () => withSubject(plain, valueFault) ?? farFault(creator) },
    { check: 'gradient', run: () => withSubject(plain, gradientOf) },
    { check: 'as a gate', run: () => withSubject(gate, (subject) => valueFault(subject) ?? gradientOf(subject)) },
    { check: 'second use', run: () => withSubject(plain, (subject) => secondUseFault(subject, compile)) },
  ]);
}

/** The checks in order, then those that every kind of block has. */
function checked(name: string, kinds: readonly string[], compile: Compile, checks: readonly Check[]): CheckResult[] {
  const exported = { check: 'ONNX', run: () => first(kinds, (kind) => exportFault(kind)) };
  const results: CheckResult[] = [];
  for (const { check, run } of [...checks, exported]) {
    const fault = faultOf(name, run);
    results.push({ name, check, fault });
    if (check === 'value' && fault !== undefined) return results;
  }
  if (results.some(({ fault }) => fault !== undefined)) return results;
  const times = timeOf([kinds[0]!, 'swiglu'], compile);
  const note = `${(times[0]! / times[1]!).toFixed(2)} times as long as swiglu, forward and backward`;
  return [...results, { name, check: 'speed', fault: undefined, note }];
}

/** @param name begins the messages of activations and blocks */
function faultOf(name: string, run: () => string | undefined): string | undefined {
  try {
    return run();
  } catch (error) {
    const [message] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    return message!.replace(`${name}: `, '');
  }
}

function withSubject<S extends Subject>(make: () => S, run: (subject: S) => string | undefined): string | undefined {
  const subject = make();
  try {
    return run(subject);
  } finally {
    subject.dispose();
  }
}

function first(kinds: readonly string[], fault: (kind: string) => string | undefined): string | undefined {
  for (const kind of kinds) {
    const found = fault(kind);
    if (found !== undefined) return kinds.length === 1 ? found : `${kind}: ${found}`;
  }
  return undefined;
}

function gradientOf({ run, variables }: Subject): string | undefined {
  return gradientFault(run, variables);
}

/** Every value is a finite number. The shape is seen where an activation or a block is applied. */
function valueFault({ run }: Subject): string | undefined {
  const wrong = tf.tidy(() => run().dataSync()).find((value) => !Number.isFinite(value));
  return wrong === undefined ? undefined : `value is ${wrong} for numbers from -3 to 3`;
}

/** Far from 0, as an untrained model may be: exp(x) alone overflows only beyond 88. */
function farFault(creator: ActivationCreator): string | undefined {
  const activation = creator(undefined, { channels: 1 });
  return tf.tidy(() => {
    const inputs = [-50, -20, -10, 0, 10, 20, 50];
    const parameters = activation.parameters.map(({ name, shape, initialize }) => [
      name,
      tf.tensor(initialize(Math.random), [...shape]),
    ]);
    const x = tf.tensor(inputs, [inputs.length, 1]);
    const values = activation.apply(x, Object.fromEntries(parameters)).dataSync();
    const wrong = inputs.findIndex((_, index) => !Number.isFinite(values[index]!));
    return wrong < 0 ? undefined : `value is ${values[wrong]} at x = ${inputs[wrong]}`;
  });
}

/** The same values again, also from a recorded graph, for other inputs too; and no tensor stays behind. */
function secondUseFault({ run, variables }: Subject, compile: Compile): string | undefined {
  const valueNow = () => tf.tidy(() => run().dataSync().slice());
  const before = valueNow();
  const tensors = tf.memory().numTensors;
  const again = valueNow();
  const left = tf.memory().numTensors - tensors;
  if (left !== 0)
    return `its use leaves ${left} tensors behind: let TensorFlow.js's operations make them, inside the call`;
  const replayed = compile(() => run());
  const recorded = () => {
    const result = replayed();
    const values = result.dataSync().slice();
    result.dispose();
    return values;
  };
  if (differ(before, again) || differ(before, recorded())) return 'the second use gives other values than the first';
  const [x] = variables;
  tf.tidy(() => x!.variable.assign(tf.mul(x!.variable, -0.5)));
  const other = valueNow();
  const fault = 'replayed, it gives other values: it must not depend on numbers that it reads or counts';
  return differ(other, recorded()) ? fault : undefined;
}

function differ(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return Array.from(a).some((value, index) => !(Math.abs(value - b[index]!) <= 1e-4 * Math.max(1, Math.abs(value))));
}
