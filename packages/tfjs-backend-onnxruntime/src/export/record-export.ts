import { engine, type Tensor } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from '../backend.ts';
import { InputError } from '../errors.ts';
import { type Graph, graphOf } from '../graph/graph.ts';
import { leafElements } from '../graph/leaf.ts';
import { makePlan } from '../graph/plan.ts';
import { type Leaf, type NumericArray, sameShape, sizeOf, type Value } from '../graph/value.ts';

/** An input of an exported function: its type, and for each axis a size or the name of a size that may change. */
export interface ExportInput {
  /** The function gets an int64 input, as tokenizers make ids, as int32. */
  readonly dtype: 'float32' | 'int32' | 'int64';
  readonly shape: readonly (number | string)[];
  /** The most that named sizes may be together; beyond it the file fails, and the runtime's message says `name`. */
  readonly limit?: { readonly sizes: readonly string[]; readonly most: number; readonly name: string };
}

export type ExportFunction = (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;

/** A function's graph at one choice of sizes. */
export interface RecordedExport {
  readonly graph: Graph;
  /** Elements of everything that is not an input: weights, tables, numbers. */
  readonly constants: ReadonlyMap<string, NumericArray>;
  /** The graph's name of each input that is used. */
  readonly inputNames: ReadonlyMap<string, string>;
  readonly outputs: readonly { readonly name: string; readonly value: string; readonly shape: readonly number[] }[];
}

/** Runs the function once without computing. */
export function recordExport(
  backend: OnnxRuntimeBackend,
  fn: ExportFunction,
  inputs: Readonly<Record<string, ExportInput>>,
  sizes: Readonly<Record<string, number>>,
): RecordedExport {
  backend.flush();
  const placeholders = new Map<Leaf, string>();
  const given: Record<string, Tensor> = {};
  for (const [name, { dtype, shape }] of Object.entries(inputs)) {
    const concrete = shape.map((size) => (typeof size === 'number' ? size : sizes[size]!));
    const count = sizeOf(concrete);
    const type = dtype === 'float32' ? 'float32' : 'int32';
    const value = backend.leaf(type === 'int32' ? new Int32Array(count) : new Float32Array(count), concrete);
    placeholders.set(value, name);
    given[name] = engine().makeTensorFromTensorInfo(backend.tensor(value, type), backend);
  }
  const recording = {};
  backend.readGuard = { recording, check: refuseRead };
  let results: Readonly<Record<string, Tensor>> = {};
  try {
    results = engine().tidy(() => ({ ...fn(given) }));
    const values = Object.values(results).map((tensor) => backend.value(tensor));
    const unchanged = Object.keys(results)[values.findIndex(({ kind }) => kind !== 'pending')];
    if (unchanged !== undefined) throw new InputError(`toOnnx: output ${unchanged} is not computed from the inputs`);
    const plan = makePlan(values);
    return describe(graphOf(plan), plan.leaves, placeholders, results);
  } finally {
    backend.readGuard = undefined;
    for (const tensor of [...Object.values(results), ...Object.values(given)]) tensor.dispose();
  }

  function refuseRead(value: Value): void {
    if (value.kind === 'leaf' && value.recording === recording) return;
    throw new InputError('toOnnx: the function reads the elements of a tensor, so its graph could depend on them');
  }
}

/** Tells the graph's leaves apart, and puts inputs that it uses under another shape through a Reshape. */
function describe(
  graph: Graph,
  leaves: readonly Leaf[],
  placeholders: ReadonlyMap<Leaf, string>,
  results: Readonly<Record<string, Tensor>>,
): RecordedExport {
  const constants = new Map(graph.constants);
  const inputNames = new Map<string, string>();
  const reshaped: Graph['nodes'] = [];
  for (const [index, leaf] of leaves.entries()) {
    const name = graph.inputs[index]!;
    const root = leaf.source ?? leaf;
    const input = placeholders.get(root);
    if (input === undefined) {
      constants.set(name, leafElements(leaf));
      continue;
    }
    if (sameShape(leaf.shape, root.shape)) {
      inputNames.set(input, name);
      continue;
    }
    const shapeName = `${name}.shape`;
    constants.set(shapeName, BigInt64Array.from(leaf.shape, BigInt));
    graph.tensors.set(shapeName, { type: 'int64', shape: [leaf.shape.length] });
    graph.tensors.set(input, { type: root.type, shape: root.shape });
    if (!inputNames.has(input)) inputNames.set(input, input);
    reshaped.push({
      op: 'Reshape',
      domain: '',
      attributes: {},
      inputs: [input, shapeName],
      outputs: [name],
      origin: undefined,
    });
  }
  // An input that is also used as it is has a name in the graph already.
  for (const node of reshaped) node.inputs[0] = inputNames.get(node.inputs[0]!)!;
  graph.nodes = [...reshaped, ...graph.nodes];
  const outputs = Object.entries(results).map(([name, tensor], index) => ({
    name,
    value: graph.outputs[index]!,
    shape: tensor.shape,
  }));
  return { graph, constants, inputNames, outputs };
}
