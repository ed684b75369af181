import { engine, scalar, type Tensor, type TensorContainer, tensor_util, Variable } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.ts';
import { assign, Changes } from './changes.ts';
import { flatten, unflatten } from './container.ts';
import { InputError } from './errors.ts';
import { graphOf } from './graph/graph.ts';
import { leafElements, leafOfTensor } from './graph/leaf.ts';
import { makePlan } from './graph/plan.ts';
import type { Leaf, NumericArray, Pending, Value } from './graph/value.ts';
import type { Spares } from './memory.ts';
import {
  computedLeaf,
  Recording,
  type Result,
  type Returned,
  type ReturnedTensor,
  type Source,
  sharedLeaf,
} from './recording.ts';
import { elementsOf, isResidentCopy, resident } from './runtime/device.ts';
import { deviceOf } from './runtime/devices/index.ts';

/** A function of the tensors in its arguments. */
type Fn = (inputs: readonly Tensor[]) => unknown;

/** Outcome of recording a function: a graph to replay, or only the results of this one call. */
export type Recorded = { recording: Recording } | { results: unknown; changes: Changes };

/** Leaves written while recording become constants of the graph up to this many elements; larger ones are fed. */
const bakedElements = 4096;

/**
 * Runs a function once without computing, and compiles what it did. Where it throws, or cannot be compiled, every
 * variable gets its elements back.
 * @param spares for the results of the recording, shared by every recording of `fn`
 */
export function record(backend: OnnxRuntimeBackend, fn: Fn, inputs: readonly Tensor[], spares: Spares): Recorded {
  // Operators that were pending before are not part of the function.
  backend.flush();
  const before = variableLeaves(backend);
  const placeholders = inputs.map((input) => {
    const { tensor } = sharedLeaf(backend, input);
    backend.pin(tensor);
    return leafOfTensor(tensor, input.shape);
  });
  const marker = scalar(0);
  marker.dispose();
  const isNew = (tensor: Tensor): boolean => tensor.id > marker.id && !(tensor instanceof Variable);
  const given = placeholders.map((value, index) =>
    engine().makeTensorFromTensorInfo(backend.tensor(value, inputs[index]!.dtype), backend),
  );
  const token = {};
  let results: unknown;
  /** The variables hold their old elements again, until the graph has run. */
  const undo = (): void => {
    restore(backend, before);
    for (const tensor of flatten(results).tensors) if (isNew(tensor)) tensor.dispose();
    // A recorded graph is not pending: device memory that others give back need not wait for it.
    backend.builder.pending = 0;
  };
  try {
    const traced = trace(backend, fn, given, token);
    results = traced.results;
    const after = Object.values(engine().state.registeredVariables);
    // An optimizer makes its variables at the first step: that step is computed as it is, and the next one is recorded.
    if (after.length !== before.size || !after.every((variable) => before.has(variable))) {
      // The caller may dispose the results: an input, a variable or an older tensor that is passed through needs a copy.
      const owned = (tensor: Tensor): Tensor => (given.includes(tensor) || !isNew(tensor) ? tensor.clone() : tensor);
      const { tensors, template } = flatten(results);
      return { results: unflatten(template, tensors.map(owned)), changes: changesSince(backend, before) };
    }
    if (traced.isRandom) {
      throw new InputError(
        'compile: the function draws random numbers (Math.random, tf.randomNormal, dropout), which would be the same at ' +
          'every call; draw them outside and pass them in, or give them a seed if they should stay the same',
      );
    }
    const effects = effectsOf(backend, results, before, placeholders);
    undo();
    return { recording: compileEffects(backend, effects, token, spares) };
  } catch (error) {
    undo();
    throw error;
  } finally {
    for (const tensor of given) tensor.dispose();
  }
}

/** Assignments of a function that was computed as it is; only the garbage collector frees the elements of before. */
function changesSince(backend: OnnxRuntimeBackend, before: ReadonlyMap<Variable, Leaf>): Changes {
  const changes = [...before].flatMap(([variable, old]) => {
    if (variable.isDisposed) return [];
    const value = backend.borrowedValue(variable.dataId);
    return value === old ? [] : [{ variable, value, old, isFree: false }];
  });
  return new Changes(backend, changes);
}

/** Runs the function: nothing is computed, and reads of what will have other elements at the next call are refused. */
function trace(
  backend: OnnxRuntimeBackend,
  fn: Fn,
  given: readonly Tensor[],
  token: object,
): { results: unknown; isRandom: boolean } {
  const random = Math.random;
  let isRandom = false;
  Math.random = () => {
    isRandom = true;
    return random();
  };
  backend.readGuard = { recording: token, check: (value) => refuseRead(value, token) };
  try {
    let results: unknown;
    engine().tidy(() => {
      results = fn(given);
      return [...flatten(results).tensors];
    });
    if (results instanceof Promise) {
      throw new InputError('compile: the function is asynchronous; return tensors instead of a promise');
    }
    if (tensor_util.getTensorsInContainer(flatten(results).template as TensorContainer).length > 0) {
      throw new InputError(
        'compile: the function returns an object of a class with tensors inside; return tensors, arrays or plain objects',
      );
    }
    return { results, isRandom };
  } finally {
    Math.random = random;
    backend.readGuard = undefined;
  }
}

/** Effects of a traced function, in terms of a graph's outputs. */
interface Effects {
  readonly computed: readonly Pending[];
  readonly assigned: readonly { variable: Variable; result: Result }[];
  readonly returned: Returned;
  sourceOf(leaf: Leaf): Source;
}

function effectsOf(
  backend: OnnxRuntimeBackend,
  results: unknown,
  before: ReadonlyMap<Variable, Leaf>,
  placeholders: readonly Leaf[],
): Effects {
  const inputOf = new Map(placeholders.map((value, index) => [value, index]));
  const variableOf = new Map([...before].map(([variable, value]) => [value, variable]));
  const sourceOf = (leaf: Leaf): Source => {
    const root = leaf.source ?? leaf;
    const index = inputOf.get(root);
    if (index !== undefined) return { kind: 'input', index, shape: leaf.shape };
    const variable = variableOf.get(root);
    if (variable) return { kind: 'variable', variable, shape: leaf.shape };
    // Another shape of the same elements lies in the same device memory.
    backend.pin(leaf.tensor);
    backend.pin(root.tensor);
    return { kind: 'captured', tensor: leaf.tensor };
  };
  const computed: Pending[] = [];
  // One output for each use, also of one value: two holders must not share memory that either may release.
  const resultOf = (value: Value): Result => {
    if (value.kind === 'pending') return { kind: 'output', index: computed.push(value) - 1 };
    return { kind: 'source', source: sourceOf(computedLeaf(backend, value)) };
  };

  const { tensors, template } = flatten(results);
  const returned = tensors.map(({ dataId, dtype, shape }): ReturnedTensor => {
    if (dtype === 'string' || dtype === 'complex64') {
      throw new InputError(`compile: the function returns a ${dtype} tensor; return float32, int32 or bool`);
    }
    return { result: resultOf(backend.sharedValue(dataId)), shape, dtype };
  });
  const assigned = [...before]
    .map(([variable, old]) => ({ variable, old, value: backend.sharedValue(variable.dataId) }))
    .filter(({ old, value }) => value !== old)
    .map(({ variable, value }) => ({ variable, result: resultOf(value) }));
  return { computed, assigned, returned: { tensors: returned, template }, sourceOf };
}

function compileEffects(backend: OnnxRuntimeBackend, effects: Effects, token: object, spares: Spares): Recording {
  const { computed, assigned, returned, sourceOf } = effects;
  if (computed.length === 0) return new Recording(backend, undefined, [], assigned, returned, spares);
  const plan = makePlan(computed);
  const baked = new Map<Leaf, NumericArray>();
  const captured = new Map<Leaf, NumericArray>();
  const sources: Source[] = [];
  for (const leaf of plan.leaves) {
    if (leaf.recording === token && leaf.size <= bakedElements) {
      baked.set(leaf, leafElements(leaf));
      continue;
    }
    const source = sourceOf(leaf);
    if (source.kind === 'captured') {
      captured.set(leaf, elementsOf(source.tensor));
      sources.push({ ...source, tensor: resident(deviceOf(backend.options), source.tensor) });
    } else sources.push(source);
  }
  const graph = backend.compileGraph(graphOf(plan, { baked, captured }));
  return new Recording(backend, graph, sources, assigned, returned, spares);
}

/** Only what was written while recording may be read: anything else has other elements at the next call. */
function refuseRead(value: Value, token: object): void {
  const seen = new Set<Value>();
  const stack = [value];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.kind === 'pending') stack.push(...next.node.inputs.filter((input) => input !== undefined));
    else if (next.kind === 'leaf' && next.recording !== token) {
      throw new InputError(
        'compile: the function reads the elements of a tensor (data, dataSync, array, print, or a kernel that has no ' +
          'ONNX form), so its graph could depend on them; move the read out of the compiled function',
      );
    }
  }
}

/** The leaf of every variable that a graph can hold, each a leaf of its own. */
function variableLeaves(backend: OnnxRuntimeBackend): Map<Variable, Leaf> {
  const leaves = new Map<Variable, Leaf>();
  for (const variable of Object.values(engine().state.registeredVariables)) {
    if (variable.dtype === 'string' || variable.dtype === 'complex64') continue;
    unshare(backend, variable);
    leaves.set(variable, sharedLeaf(backend, variable));
  }
  return leaves;
}

/** Makes sure that nobody but the variable holds its data id, and no other variable its value. */
function unshare(backend: OnnxRuntimeBackend, variable: Variable): void {
  // Still pending where a graph failed.
  const { tensor, shape } = sharedLeaf(backend, variable);
  const isOnly = backend.refCount(variable.dataId) === 1;
  // Moved there for the variable, it is nobody else's, and the device has it back with the variable.
  if (isOnly && tensor.location === 'device' && isResidentCopy(tensor)) return;
  backend.pin(tensor);
  if (isOnly) backend.replaceValue(variable.dataId, leafOfTensor(tensor, shape));
  else assign(backend, variable, leafOfTensor(tensor, variable.shape));
}

function restore(backend: OnnxRuntimeBackend, before: ReadonlyMap<Variable, Leaf>): void {
  for (const [variable, leaf] of before) {
    if (variable.isDisposed || backend.sharedValue(variable.dataId) === leaf) continue;
    backend.pin(leaf.tensor);
    assign(backend, variable, leafOfTensor(leaf.tensor, variable.shape));
  }
}
