import { GraphBuilder } from '../../src/graph/builder.ts';
import { CompiledGraph } from '../../src/graph/compiled-graph.ts';
import { graphOf } from '../../src/graph/graph.ts';
import { leafOf } from '../../src/graph/leaf.ts';
import { makePlan } from '../../src/graph/plan.ts';
import type { Value } from '../../src/graph/value.ts';
import { elementsOf } from '../../src/runtime/device.ts';
import type { Device, Difference } from '../../src/runtime/devices/device.ts';

/** Tries one operator on a device. @returns whether the difference holds */
type Probe = (device: Device) => boolean;

const float = (values: number[], shape = [values.length]) => leafOf(Float32Array.from(values), shape);

/** The elements of what ONNX Runtime computes for operators as they are appended, none rewritten. */
function compute(
  device: Device,
  build: (builder: GraphBuilder) => Value | readonly Value[],
  onlyProviders = false,
): number[][] {
  const plan = makePlan([build(new GraphBuilder())].flat());
  const graph = new CompiledGraph(
    graphOf(plan),
    { providers: device.providers, logLevel: 4, onlyProviders },
    device,
    false,
  );
  try {
    const run = graph.prepare(plan.leaves.map(({ tensor }) => tensor));
    run.finish();
    return run.results.map((tensor) => Array.from(elementsOf(tensor), Number));
  } finally {
    graph.dispose();
  }
}

/** Whether the operators give other numbers, or none. */
const givesOther =
  (expected: readonly number[], build: (builder: GraphBuilder) => Value | readonly Value[]): Probe =>
  (device) => {
    try {
      return compute(device, build).flat().join() !== expected.join();
    } catch {
      return true;
    }
  };

/** Whether an operator of one input is off by more than some float32 roundings. */
const isCoarse =
  (op: string, values: readonly number[], exact: (x: number) => number): Probe =>
  (device) => {
    const [results = []] = compute(device, (builder) => builder.unary(op, float([...values])));
    return values.some((x, index) => Math.abs(results[index]! / exact(x) - 1) > 1e-5);
  };

/** Whether a device leaves an operator to the cpu. */
const hasNoKernel =
  (build: (builder: GraphBuilder) => Value): Probe =>
  (device) => {
    try {
      compute(device, build, device.providers.length > 0);
      return false;
    } catch {
      return true;
    }
  };

const either =
  (...probes: Probe[]): Probe =>
  (device) =>
    probes.some((probe) => probe(device));

const range = (length: number) => Array.from({ length }, (_, index) => index);
const lowest = Number.NEGATIVE_INFINITY;
const [places, writes] = [10, 300_000];
const rows = Int32Array.from(range(writes), (write) => (write * 7919) % places);
const lastWrites = range(places).map((place) => rows.lastIndexOf(place));
const repeatedWrites = (builder: GraphBuilder) => {
  const inputs = [range(places), rows, range(writes)].map((list) => leafOf(Int32Array.from(list), [list.length]));
  return builder.operator('ScatterElements', inputs, { type: 'int32', shape: [places] }, { axis: 0 });
};

/** For every difference an experiment that shows it. */
export const probes: Readonly<Record<Difference, Probe>> = {
  sigmoidUnderflows: isCoarse('Sigmoid', [-20, -50, -80], (x) => 1 / (1 + Math.exp(-x))),
  indicesAreUnchecked: (device) => {
    try {
      compute(device, (builder) => {
        const indices = leafOf(Int32Array.of(0, 9), [2]);
        return builder.operator('Gather', [float([1, 2, 3]), indices], { type: 'float32', shape: [2] }, { axis: 0 });
      });
      return true;
    } catch {
      return false;
    }
  },
  reluLosesNaN: givesOther([Number.NaN, 1], (builder) => builder.unary('Relu', float([Number.NaN, 1]))),
  clipLosesNaN: givesOther([Number.NaN, 6], (builder) => {
    const limits = [0, 6].map((limit) => builder.scalar(limit, 'float32'));
    return builder.operator('Clip', [float([Number.NaN, 7]), ...limits], { type: 'float32', shape: [2] });
  }),
  softmaxLosesNaN: givesOther([Number.NaN, Number.NaN], (builder) =>
    builder.unary('Softmax', float([Number.NaN, 1], [1, 2]), { axis: 1 }),
  ),
  castSaturates: givesOther([0, 0], (builder) => {
    const wide = builder.cast(float([3e38, Number.POSITIVE_INFINITY]), 'int64');
    return builder.cast(builder.binary('Max', wide, builder.scalar(-(2 ** 63), 'int64')), 'int32');
  }),
  splitHasFewOutputs: givesOther(range(20), (builder) =>
    builder.operatorOf(
      'Split',
      [float(range(20)), builder.integers(range(20).map(() => 1))],
      range(20).map(() => ({ type: 'float32', shape: [1] })),
      { axis: 0 },
    ),
  ),
  convIgnoresEndPadding: givesOther([4, 2, 2, 1], (builder) => {
    const ones = () => float([1, 1, 1, 1], [1, 1, 2, 2]);
    return builder.operator('Conv', [ones(), ones()], { type: 'float32', shape: [1, 1, 2, 2] }, { pads: [0, 0, 1, 1] });
  }),
  convTransposeIsFlat: givesOther([6], (builder) => {
    const inputs = [float([2], [1, 1, 1, 1, 1]), float([3], [1, 1, 1, 1, 1])];
    return builder.operator('ConvTranspose', inputs, { type: 'float32', shape: [1, 1, 1, 1, 1] });
  }),
  convTransposeMixesGroups: givesOther([21, 4300], (builder) => {
    const inputs = [float([1, 2, 3, 4], [1, 4, 1, 1]), float([1, 10, 100, 1000], [4, 1, 1, 1])];
    return builder.operator('ConvTranspose', inputs, { type: 'float32', shape: [1, 2, 1, 1] }, { group: 2 });
  }),
  maxPoolHasNoPositions: givesOther([5, 2], (builder) => {
    const outputs = (['float32', 'int64'] as const).map((type) => ({ type, shape: [1, 1, 1, 1] }));
    const attributes = { kernel_shape: [2, 2] };
    return builder.operatorOf('MaxPool', [float([1, 3, 5, 2], [1, 1, 2, 2])], outputs, attributes);
  }),
  maxPoolKeepsNaN: givesOther([5], (builder) => {
    const output = { type: 'float32', shape: [1, 1, 1, 1, 1] } as const;
    const volume = float([1, Number.NaN, 5, 2, 3, 4, 0, 1], [1, 1, 2, 2, 2]);
    return builder.operator('MaxPool', [volume], output, { kernel_shape: [2, 2, 2] });
  }),
  // A race is lost now and then only.
  scatterRaces: either(...range(12).map(() => givesOther(lastWrites, repeatedWrites))),
  integersReduceAsFloats: (device) => {
    // Small tensors are summed another way.
    const large = range(4096).map((row) => 2 ** 24 + 2 * row + 1);
    const sum = (builder: GraphBuilder) =>
      builder.reduce('ReduceSum', leafOf(Int32Array.from(large), [4096, 1]), [1], false);
    return givesOther(large, sum)(device);
  },
  fusedMatMulIsMissing: hasNoKernel((builder) =>
    builder.matMul(float(range(4), [2, 2]), float(range(4), [2, 2]), true, false),
  ),
  isNaNIsMissing: hasNoKernel((builder) => builder.isNaN(float([1]))),
  oneHotIsMissing: hasNoKernel((builder) => {
    const inputs = [builder.cast(leafOf(Int32Array.of(1), [1]), 'float32'), float([2], []), float([0, 1])];
    return builder.operator('OneHot', inputs, { type: 'float32', shape: [1, 2] });
  }),
  topKFillsUp: givesOther([5, 3, lowest, lowest, lowest, 3, 1, 0, 2, 4], (builder) => {
    const outputs = (['float32', 'int64'] as const).map((type) => ({ type, shape: [5] }));
    return builder.operatorOf('TopK', [float([lowest, 3, lowest, 5, lowest]), builder.integers([5])], outputs);
  }),
  arcSineIsCoarse: either(
    isCoarse('Asin', [-0.9, 0.1, 0.3, 0.5, 0.7], Math.asin),
    isCoarse('Acos', [-0.9, 0.1, 0.3, 0.5, 0.7], Math.acos),
  ),
  tanhIsCoarse: either(
    isCoarse('Tanh', [1e-7, 1e-5, 1e-3, 0.1], Math.tanh),
    isCoarse('Atanh', [1e-7, 1e-5, 1e-3, 0.1], Math.atanh),
  ),
};

/** Differences whose experiment says another thing than the device's table, one line each. */
export function wrongFacts(device: Device): string[] {
  return Object.entries(probes).flatMap(([difference, probe]) => {
    const isListed = difference in { ...device.differences, ...device.accepted };
    if (probe(device) === isListed) return [];
    return [`${device.name}: ${difference} ${isListed ? 'is listed, but does not hold' : 'holds, but is not listed'}`];
  });
}
