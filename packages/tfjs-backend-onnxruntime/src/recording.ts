import { engine, scalar, type Tensor, type TensorContainer, Variable } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.ts';
import { type Container, mapTensors } from './container.ts';
import { InputError } from './errors.ts';
import type { CompiledGraph } from './graph/compiled-graph.ts';
import { graphOf } from './graph/graph.ts';
import { makePlan } from './graph/plan.ts';
import { type NumericArray, sameShape, Value } from './graph/value.ts';
import { elementsOf, withShape } from './runtime/device.ts';
import type { OrtTensor } from './runtime/native.ts';

type Fn = (...inputs: Tensor[]) => TensorContainer;

/** Where the elements of a graph's input come from at each call. */
type Source =
  | { kind: 'input'; index: number; shape: readonly number[] }
  | { kind: 'variable'; variable: Variable; shape: readonly number[] }
  | { kind: 'captured'; tensor: OrtTensor };

/** What becomes of a result: where it lies among the graph's outputs, or which source it passes through. */
type Result = { kind: 'output'; index: number } | { kind: 'source'; source: Source };

interface Returned {
  result: Result;
  shape: number[];
  dtype: Tensor['dtype'];
}

interface Computed extends Returned {
  tensor: OrtTensor;
}

/** Leaves written while recording become constants of the graph up to this many elements; larger ones are fed. */
const bakedElements = 4096;

/** A function as one compiled graph. */
export class Recording {
  readonly #backend: OnnxRuntimeBackend;
  readonly #graph: CompiledGraph | undefined;
  readonly #sources: readonly Source[];
  readonly #assigned: readonly { variable: Variable; result: Result }[];
  readonly #returned: Container<Returned>;

  constructor(
    backend: OnnxRuntimeBackend,
    graph: CompiledGraph | undefined,
    sources: readonly Source[],
    assigned: readonly { variable: Variable; result: Result }[],
    returned: Container<Returned>,
  ) {
    this.#backend = backend;
    this.#graph = graph;
    this.#sources = sources;
    this.#assigned = assigned;
    this.#returned = returned;
  }

  /** Computes the function for these inputs: assigns its variables, and returns fresh tensors. */
  run(inputs: readonly Tensor[]): TensorContainer {
    const backend = this.#backend;
    const fetch = (source: Source): OrtTensor => {
      if (source.kind === 'captured') return source.tensor;
      const tensor = source.kind === 'input' ? (inputs[source.index] as Tensor) : source.variable;
      if (tensor.isDisposed) throw new InputError('compile: a tensor or variable that the function uses is disposed');
      return leafTensor(backend, tensor, source.shape);
    };
    // A source that is passed through has two holders from now on.
    const shared = (tensor: OrtTensor): OrtTensor => {
      backend.pin(tensor);
      return tensor;
    };
    const results = this.#graph ? backend.run(this.#graph, this.#sources.map(fetch)) : [];
    // All results are fetched before any variable changes: a result may be a variable's old elements.
    const resolve = (result: Result): OrtTensor =>
      result.kind === 'output' ? (results[result.index] as OrtTensor) : shared(fetch(result.source));
    const returned = mapTensors<Returned, Computed>(this.#returned, (item) => ({
      ...item,
      tensor: resolve(item.result),
    }));
    const assigned = this.#assigned.map(({ variable, result }) => ({ variable, tensor: resolve(result) }));
    for (const { variable, tensor } of assigned) assign(backend, variable, tensor);
    return mapTensors<Computed, Tensor>(returned, ({ tensor, shape, dtype }) => {
      const info = backend.tensor(leafValue(tensor, shape), dtype);
      return engine().makeTensorFromTensorInfo(info, backend);
    }) as TensorContainer;
  }

  dispose(): void {
    this.#graph?.dispose();
  }
}

/** What recording a function gave: a graph to replay, or only the results of this one call. */
export type Recorded = { recording: Recording } | { results: TensorContainer };

/** Runs a function once without computing, and compiles what it did. */
export function record(backend: OnnxRuntimeBackend, fn: Fn, inputs: readonly Tensor[]): Recorded {
  // What was pending before is not part of the function.
  backend.flush();
  const { registeredVariables } = engine().state;
  const before = new Map<Variable, Value>();
  const variableOf = new Map<Value, Variable>();
  for (const variable of Object.values(registeredVariables)) {
    if (variable.dtype === 'string' || variable.dtype === 'complex64') continue;
    unshare(backend, variable);
    const value = backend.sharedValue(variable.dataId);
    before.set(variable, value);
    variableOf.set(value, variable);
  }

  const placeholders = inputs.map((input) => leafValue(leafTensor(backend, input, input.shape), input.shape));
  const inputOf = new Map(placeholders.map((value, index) => [value, index]));
  const token = {};
  backend.readGuard = { recording: token, check: (value) => refuseRead(value, token) };
  const marker = scalar(0);
  marker.dispose();
  let results: TensorContainer;
  const given = placeholders.map((value, index) =>
    engine().makeTensorFromTensorInfo(backend.tensor(value, (inputs[index] as Tensor).dtype), backend),
  );
  // A tensor that the caller may dispose: an input or a variable passed through needs a copy.
  const owned = (tensor: Tensor): Tensor =>
    given.includes(tensor) || tensor instanceof Variable ? tensor.clone() : tensor;
  const disposeGiven = () => {
    for (const tensor of given) tensor.dispose();
  };
  const random = Math.random;
  let isRandom = false;
  Math.random = () => {
    isRandom = true;
    return random();
  };
  try {
    results = engine().tidy(() => fn(...given));
  } catch (error) {
    disposeGiven();
    throw error;
  } finally {
    Math.random = random;
    backend.readGuard = undefined;
  }
  if (results instanceof Promise) {
    disposeGiven();
    throw new InputError('compile: the function is asynchronous; return tensors instead of a promise');
  }
  const after = Object.values(registeredVariables);
  const known = after.filter((variable) => before.has(variable));
  // An optimizer makes its variables at the first step: that step is computed as it is, and the next one is recorded.
  if (after.length !== before.size || known.length !== before.size) {
    const kept = mapTensors(results, owned) as TensorContainer;
    disposeGiven();
    return { results: kept };
  }

  if (isRandom) {
    disposeGiven();
    throw new InputError(
      'compile: the function draws random numbers (Math.random, tf.randomNormal, dropout), which would be the same at ' +
        'every call; draw them outside and pass them in, or give them a seed if they should stay the same',
    );
  }

  const values: Value[] = [];
  const outputIndex = (value: Value): number => {
    const index = values.indexOf(value);
    return index >= 0 ? index : values.push(value) - 1;
  };
  const sourceOf = (leaf: Value): Source => {
    const root = leaf.source ?? leaf;
    const index = inputOf.get(root);
    if (index !== undefined) return { kind: 'input', index, shape: leaf.shape };
    const variable = variableOf.get(root);
    if (variable) return { kind: 'variable', variable, shape: leaf.shape };
    const tensor = leaf.tensor as OrtTensor;
    backend.pin(tensor);
    return { kind: 'captured', tensor };
  };
  const resultOf = (value: Value): Result =>
    value.node ? { kind: 'output', index: outputIndex(value) } : { kind: 'source', source: sourceOf(value) };

  const returned = mapTensors(results, (tensor: Tensor): Returned => {
    if (tensor.dtype === 'string' || tensor.dtype === 'complex64') {
      throw new InputError(`compile: the function returns a ${tensor.dtype} tensor; return float32, int32 or bool`);
    }
    return { result: resultOf(backend.sharedValue(tensor.dataId)), shape: tensor.shape, dtype: tensor.dtype };
  });
  const assigned = known
    .map((variable) => ({ variable, value: backend.sharedValue(variable.dataId) }))
    .filter(({ variable, value }) => value !== before.get(variable))
    .map(({ variable, value }) => ({ variable, result: resultOf(value) }));
  // From here on the variables hold their old elements again, until the graph has run.
  for (const { variable } of assigned) restore(backend, variable, before.get(variable) as Value);
  mapTensors(results, (tensor: Tensor) => {
    if (tensor.id > marker.id && !(tensor instanceof Variable)) tensor.dispose();
  });
  disposeGiven();

  if (values.length === 0) return { recording: new Recording(backend, undefined, [], assigned, returned) };
  const plan = makePlan(values);
  const baked = new Map<Value, NumericArray>();
  for (const leaf of plan.leaves) {
    if (leaf.recording === token && leaf.size <= bakedElements) baked.set(leaf, elementsOf(leaf.tensor as OrtTensor));
  }
  const captured = new Map<Value, NumericArray>();
  for (const leaf of plan.leaves) {
    const source = baked.has(leaf) ? undefined : sourceOf(leaf);
    if (source?.kind === 'captured') captured.set(leaf, elementsOf(source.tensor));
  }
  const sources = plan.leaves.filter((leaf) => !baked.has(leaf)).map(sourceOf);
  const graph = backend.compileGraph(graphOf(plan, { baked, captured }));
  return { recording: new Recording(backend, graph, sources, assigned, returned) };
}

/** Only what was written while recording may be read: anything else has other elements at the next call. */
function refuseRead(value: Value, token: object): void {
  const seen = new Set<Value>();
  const stack = [value];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.node) stack.push(...next.node.inputs.filter((input) => input !== undefined));
    else if (!next.constant && next.recording !== token) {
      throw new InputError(
        'compile: the function reads the elements of a tensor (data, dataSync, array, print, or a kernel that has no ' +
          'ONNX form), so its graph could depend on them; move the read out of the compiled function',
      );
    }
  }
}

/** The elements of a tensor under a shape of the same size; computes them if they are pending. */
function leafTensor(backend: OnnxRuntimeBackend, tensor: Tensor, shape: readonly number[]): OrtTensor {
  const value = backend.sharedValue(tensor.dataId);
  if (value.node) backend.elements(value);
  const elements = value.tensor as OrtTensor;
  return sameShape(elements.dims, shape) ? elements : withShape(elements, shape);
}

function leafValue(tensor: OrtTensor, shape: readonly number[]): Value {
  const type = tensor.type as Value['type'];
  return new Value(type, shape, { tensor: sameShape(tensor.dims, shape) ? tensor : withShape(tensor, shape) });
}

/** Makes sure that nobody but the variable holds its data id, and no other variable its value. */
function unshare(backend: OnnxRuntimeBackend, variable: Variable): void {
  const value = backend.sharedValue(variable.dataId);
  backend.pin(value.tensor as OrtTensor);
  if (backend.refCount(variable.dataId) === 1) {
    backend.replaceValue(variable.dataId, leafValue(value.tensor as OrtTensor, value.shape));
  } else {
    assign(backend, variable, value.tensor as OrtTensor);
  }
}

function assign(backend: OnnxRuntimeBackend, variable: Variable, tensor: OrtTensor): void {
  const value = leafValue(tensor, variable.shape);
  if (backend.refCount(variable.dataId) === 1) {
    const old = backend.sharedValue(variable.dataId);
    backend.replaceValue(variable.dataId, value);
    if (old.tensor !== tensor) backend.release(old);
    return;
  }
  const fresh = engine().makeTensorFromTensorInfo(backend.tensor(value, variable.dtype), backend);
  variable.assign(fresh);
  fresh.dispose();
}

function restore(backend: OnnxRuntimeBackend, variable: Variable, value: Value): void {
  assign(backend, variable, value.tensor as OrtTensor);
}
