import { engine } from '@tensorflow/tfjs-core';
import { OnnxRuntimeBackend } from '../backend.ts';
import { InputError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { type NumericArray, sameShape } from '../graph/value.ts';
import { encodeModel } from '../onnx/encode.ts';
import { modelProto } from '../onnx/schema.ts';
import { inputOperators } from './input-graph.ts';
import { type ExportFunction, type ExportInput, type RecordedExport, recordExport } from './record-export.ts';
import { fitSizes, type SizeExpression, type Sizes, sizeText } from './size-expression.ts';
import { SizeGraph, type SizeSource } from './size-graph.ts';
import { toStandardOperators } from './standard-operators.ts';

/** Two sizes of each named axis that the function may be recorded at. */
export type ExampleSizes = Readonly<Record<string, readonly [number, number]>>;

/**
 * A function of tensors as an ONNX file, with axes of any size.
 *
 * The function is recorded, without computing, at several sizes of the named axes. Where the recordings differ (in the
 * shapes of reshapes, the ends of slices), the file computes the number from the shapes of its inputs. Variables and
 * other tensors that the function uses become constants of the file.
 *
 * @param fn from tensors by name to tensors by name, of any rank but 0. Its operators must not depend on sizes, and it must not
 *   make tensors of a size of its own in JavaScript: slice a large one instead
 * @param inputs types and shapes; a string is the name of an axis that may have any size
 * @param sizes two sizes for each name at which the function works; best primes that are not sizes of the function
 * @throws InputError where the recordings differ in more than numbers
 */
export function toOnnx(
  fn: ExportFunction,
  inputs: Readonly<Record<string, ExportInput>>,
  sizes: ExampleSizes = {},
): Uint8Array {
  const { backend } = engine();
  if (!(backend instanceof OnnxRuntimeBackend)) throw new InputError('toOnnx: the current backend is not onnxruntime');
  const sources = sizeSources(inputs);
  for (const name of sources.keys()) {
    if (sizes[name] === undefined) throw new InputError(`toOnnx: give two example sizes for axis ${name}`);
  }
  const choices = sizeChoices(sizes);
  const recordings = choices.map((choice) => recordExport(backend, fn, inputs, choice));
  return encodeWithAxes(unify(recordings, choices, sources, inputs), inputs);
}

interface UnifiedGraph {
  readonly graph: Graph;
  /** Sizes and expressions of each output. */
  readonly outputShapes: ReadonlyMap<string, readonly (number | SizeExpression)[]>;
}

/** All first sizes, the second size of each name alone, and all second sizes. */
function sizeChoices(sizes: ExampleSizes): Sizes[] {
  const names = Object.keys(sizes);
  const choose = (isSecond: (name: string) => boolean): Sizes =>
    Object.fromEntries(names.map((name) => [name, sizes[name]![isSecond(name) ? 1 : 0]]));
  if (names.length === 0) return [{}];
  return [choose(() => false), ...names.map((changed) => choose((name) => name === changed)), choose(() => true)];
}

function sizeSources(inputs: Readonly<Record<string, ExportInput>>): Map<string, SizeSource> {
  const sources = new Map<string, SizeSource>();
  for (const [input, { shape }] of Object.entries(inputs)) {
    for (const [axis, size] of shape.entries()) {
      if (typeof size === 'string' && !sources.has(size)) sources.set(size, { input, axis });
    }
  }
  return sources;
}

/** One graph of all recordings: the first, with the numbers that differ computed. Inputs and outputs get their names. */
function unify(
  recordings: readonly RecordedExport[],
  choices: readonly Sizes[],
  sources: ReadonlyMap<string, SizeSource>,
  inputs: Readonly<Record<string, ExportInput>>,
): UnifiedGraph {
  const first = recordings[0]!;
  const { graph } = first;
  for (const { graph: other } of recordings) {
    if (other.nodes.length !== graph.nodes.length)
      throw differs(`${graph.nodes.length} operators or ${other.nodes.length}`);
  }
  const renamed = new Map([...first.inputNames].map(([input, name]) => [name, input]));
  for (const [name, input] of renamed) graph.tensors.set(input, graph.tensors.get(name)!);
  const sizes = new SizeGraph(graph, sources);
  const fit = (values: readonly number[], what: string): number | SizeExpression => {
    if (values.every((value) => value === values[0])) return values[0]!;
    const expression = fitSizes(values, choices);
    if (expression === undefined) throw differs(`${what} is ${values.join(', ')}`);
    return expression;
  };

  graph.constants.clear();
  const given = new Map<string, string>();
  const before = [...renamed].flatMap(([name, input]) => {
    const made = inputOperators(graph, sizes, input, inputs[input]!);
    given.set(name, made.name);
    return made.nodes;
  });
  const nodes = graph.nodes.map((node, index) => {
    const others = recordings.map((recording) => recording.graph.nodes[index]!);
    const signature = ({ op, attributes, inputs }: typeof node) =>
      `${op} ${JSON.stringify(attributes)} ${inputs.length}`;
    const different = others.find((other) => signature(other) !== signature(node));
    if (different) throw differs(`operator ${signature(node)} or ${signature(different)}`);
    const inputs = node.inputs.map((name, position) => {
      const elements = others.map((other, recording) => recordings[recording]?.constants.get(other.inputs[position]!));
      const known = elements.filter((each) => each !== undefined);
      if (known.length < elements.length) return given.get(name) ?? name;
      const description = graph.tensors.get(name)!;
      const shapes = others.map(
        (other, recording) => recordings[recording]?.graph.tensors.get(other.inputs[position]!)?.shape ?? [],
      );
      if (!shapes.every((shape) => sameShape(shape, description.shape))) {
        throw differs(`${node.op} uses a tensor of shape [${shapes.join('] or [')}]`);
      }
      if (known.every((each) => sameElements(each, known[0]!))) {
        graph.constants.set(name, known[0]!);
        return name;
      }
      if (description.type === 'float32') throw differs(`${node.op} uses other numbers`);
      const values = Array.from(known[0]!.keys(), (element) =>
        fit(
          known.map((each) => Number(each[element])),
          `a number of ${node.op}`,
        ),
      );
      return sizes.tensor(values, description);
    });
    return { ...node, inputs };
  });

  const outputShapes = new Map<string, readonly (number | SizeExpression)[]>();
  const outputs = first.outputs.map(({ name, value, shape }, index) => {
    const shapes = recordings.map(({ outputs }) => outputs[index]?.shape ?? []);
    outputShapes.set(
      name,
      shape.map((_, axis) =>
        fit(
          shapes.map((each) => each[axis]!),
          `axis ${axis} of ${name}`,
        ),
      ),
    );
    graph.tensors.set(name, graph.tensors.get(value)!);
    return { op: 'Identity', domain: '', attributes: {}, inputs: [value], outputs: [name], origin: undefined };
  });
  const unified: Graph = {
    ...graph,
    nodes: [...sizes.nodes, ...before, ...nodes, ...outputs],
    inputs: [...renamed.values()],
    outputs: first.outputs.map(({ name }) => name),
  };
  toStandardOperators(unified);
  return { graph: unified, outputShapes };
}

/** Names the axes of inputs and outputs; drops shapes that were those of one recording. */
function encodeWithAxes(
  { graph, outputShapes }: UnifiedGraph,
  inputs: Readonly<Record<string, ExportInput>>,
): Uint8Array {
  const model = modelProto.toObject(modelProto.decode(encodeModel(graph))) as {
    graph: { input: ValueInfo[]; output: ValueInfo[]; valueInfo?: ValueInfo[] };
  };
  for (const info of model.graph.input) setAxes(info, inputs[info.name]?.shape ?? []);
  for (const info of model.graph.output) {
    const shape = outputShapes.get(info.name) ?? [];
    setAxes(
      info,
      shape.map((size) => (typeof size === 'number' ? size : sizeText(size))),
    );
  }
  delete model.graph.valueInfo;
  return modelProto.encode(modelProto.fromObject(model)).finish();
}

interface ValueInfo {
  name: string;
  type: { tensorType: { shape: { dim?: object[] } } };
}

function setAxes(info: ValueInfo, shape: readonly (number | string)[]): void {
  info.type.tensorType.shape.dim = shape.map((size) =>
    typeof size === 'number' ? { dimValue: size } : { dimParam: size },
  );
}

function sameElements(a: NumericArray, b: NumericArray): boolean {
  if (a === b) return true;
  return a.length === b.length && [...a.keys()].every((index) => Object.is(a[index], b[index]));
}

function differs(what: string): InputError {
  return new InputError(`toOnnx: what the function does depends on the sizes of its inputs: ${what}`);
}
