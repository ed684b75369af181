import type { Graph } from '../graph/graph.ts';
import type { Attribute, Description, ElementType, NumericArray } from '../graph/value.ts';
import { modelProto } from './schema.ts';

const elementTypeCodes: Record<ElementType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const opsetVersion = 18;
const contribDomain = 'com.microsoft';
/** The domain of operators that this package computes itself. */
export const ownDomain = 'dynact';

/** The ONNX code of an element type, as the `to` attribute of Cast wants it. */
export function elementTypeCode(type: ElementType): number {
  return elementTypeCodes[type];
}

/** Writes a graph as an ONNX model file. */
export function encodeModel(graph: Graph): Uint8Array {
  const outputs = [...new Set(graph.outputs)];
  const describe = (name: string) => {
    const { type, shape } = graph.tensors.get(name)!;
    return valueInfo(name, elementTypeCodes[type], shape);
  };
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  return modelProto
    .encode({
      irVersion: 9,
      producerName: '@dynact/tfjs-backend-onnxruntime',
      opsetImport: [
        { domain: '', version: opsetVersion },
        { domain: contribDomain, version: 1 },
        { domain: ownDomain, version: 1 },
      ],
      graph: {
        name: 'graph',
        node: graph.nodes.map((node) => ({
          input: node.inputs,
          output: node.outputs,
          name: node.outputs[0],
          opType: node.op,
          domain: node.domain,
          attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
        })),
        initializer: [...graph.constants]
          .filter(([name]) => used.has(name))
          .map(([name, elements]) => tensorProto(name, graph.tensors.get(name)!, elements)),
        input: graph.inputs.map(describe),
        output: outputs.map(describe),
        // ONNX Runtime cannot infer the shape of a slice whose starts are fed, nor anything about operators of our own.
        valueInfo: graph.nodes
          .filter(({ op, domain }) => op === 'Slice' || domain === ownDomain)
          .flatMap(({ outputs }) => outputs)
          .filter((name) => !outputs.includes(name) && !graph.hidden.has(name))
          .map(describe),
      },
    })
    .finish();
}

function valueInfo(name: string, elemType: number, shape: readonly number[]) {
  return {
    name,
    type: {
      tensorType: { elemType, shape: { dim: shape.map((size) => ({ dimValue: size })) } },
    },
  };
}

function tensorProto(name: string, { type, shape }: Description, elements: NumericArray) {
  return {
    name,
    dims: shape,
    dataType: elementTypeCodes[type],
    rawData: new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength),
  };
}

function attributeProto(name: string, value: Attribute) {
  if (typeof value === 'number') return { name, i: value, type: 2 };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: 3 };
  if ('float' in value) return { name, f: value.float, type: 1 };
  return { name, ints: value, type: 7 };
}
