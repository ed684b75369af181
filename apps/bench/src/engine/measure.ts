import { gpuMemory, packageVersion, selectBackend, tensorflowPackage } from '@dynact/backends';
import type { Compile } from '@dynact/nn';
import { gptBatch, Learner } from '@dynact/training';
import { countModel, Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';
import { median } from 'simple-statistics';
import type { EngineRun, TrainingFigures } from './figures.ts';
import { type Place, tokenBatches, type Workload, warmUpSteps, workloadConfig, workloadModel } from './models.ts';

/** Engines that run the TypeScript model. */
export const tfjsEngines = ['onnxruntime', 'tensorflow', 'wasm', 'cpu'] as const;
export type TfjsEngine = (typeof tfjsEngines)[number];

/** How much of the workload an engine gets: the slow ones would take hours with all of it. */
interface Effort {
  /** Undefined: the model's own. */
  readonly batchSize?: number;
  readonly trains: boolean;
  readonly warmUp: number;
  readonly timedSteps?: number;
  readonly products: number;
}

const full: Effort = { trains: true, warmUp: warmUpSteps, products: 20 };
const efforts: Readonly<Record<TfjsEngine, Effort>> = {
  onnxruntime: full,
  tensorflow: full,
  wasm: { trains: false, warmUp: 1, timedSteps: 2, products: 3 },
  cpu: { trains: true, batchSize: 1, warmUp: 0, timedSteps: 1, products: 1 },
};

/** The wasm and cpu backends get less to do; every row says so. */
export function effortNote(engine: TfjsEngine): string {
  const { batchSize, trains, timedSteps } = efforts[engine];
  return [
    trains ? '' : 'cannot train: no UnsortedSegmentSum, the gradient of an embedding',
    batchSize === undefined ? '' : `batch ${batchSize}`,
    timedSteps === undefined || !trains ? '' : `${timedSteps} step${timedSteps === 1 ? '' : 's'}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/**
 * Measures an engine in this process.
 * @throws InputError where it does not load here
 */
export async function measureEngine(
  engine: TfjsEngine,
  workload: Workload,
  threads: number,
  place: Place,
): Promise<EngineRun> {
  const effort = efforts[engine];
  const { shape } = workload;
  const batchSize = effort.batchSize ?? shape.batchSize;
  const tokens = batchSize * shape.context;
  const backend = await selectBackend({ name: engine, threads, ...place }, effort.trains ? 'train' : 'infer');
  const model = new Gpt(workloadModel(workload), 0);
  const batches = tokenBatches(shape);
  const nextBatch = () => batches(batchSize);

  const product = new SquareProduct(shape.productSize, effort.warmUp > 0);
  const timed = effort.trains
    ? await trainingSeconds(model, workload, effort, nextBatch, backend.compile, product)
    : null;
  product.measure(effort.products - product.seconds.kept.length);
  product.dispose();
  const peakOfTraining = await peakMegabytes(place);
  const forwardSeconds = median(
    await forwardTimes(model, effort.warmUp, effort.timedSteps ?? workload.steps, nextBatch, backend.compile),
  );
  const gflops = (seconds: number[]) => (2 * shape.productSize ** 3) / median(seconds) / 1e9;
  const [gemmGflops, bareGemmGflops] = [gflops(product.seconds.kept), gflops(product.seconds.bare)];
  model.dispose();

  let training: TrainingFigures | null = null;
  if (timed !== null) {
    const seconds = median(timed.seconds);
    const modelGflops = (countModel(model.config).flopsPerToken * tokens) / seconds / 1e9;
    training = {
      stepMilliseconds: seconds * 1000,
      tokensPerSecond: tokens / seconds,
      modelGflops,
      ratio: modelGflops / gemmGflops,
      bareRatio: modelGflops / bareGemmGflops,
      outsideRuntime: timed.runtimeSeconds === null ? null : 1 - median(timed.runtimeSeconds) / seconds,
      losses: timed.losses,
    };
  }
  return {
    version: versionOf(engine),
    threads: backend.threads,
    batchSize,
    gemmGflops,
    bareGemmGflops,
    training,
    forwardMilliseconds: forwardSeconds * 1000,
    forwardTokensPerSecond: tokens / forwardSeconds,
    peakResidentMegabytes: timed === null ? await peakMegabytes(place) : peakOfTraining,
  };
}

interface Batch {
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
}

interface TrainingTimes {
  readonly seconds: number[];
  /** Inside ONNX Runtime; null on other backends. */
  readonly runtimeSeconds: number[] | null;
  readonly losses: number[];
}

async function trainingSeconds(
  model: Gpt,
  workload: Workload,
  effort: Effort,
  nextBatch: () => Batch,
  compile: Compile,
  product: SquareProduct,
): Promise<TrainingTimes> {
  const { trainStep } = new Learner(model, workloadConfig(workload).training, compile);
  const times = { seconds: [] as number[], runtimeSeconds: [] as number[], losses: [] as number[] };
  const timedSteps = effort.timedSteps ?? workload.steps;
  const steps = effort.warmUp + timedSteps;
  for (let step = 1; step <= steps; step++) {
    const batch = nextBatch();
    const runtimeBefore = runtimeMilliseconds();
    const before = performance.now();
    const { loss } = await trainStep.run(step, [gptBatch(model, batch)]);
    times.losses.push(loss);
    if (step <= effort.warmUp) continue;
    times.seconds.push((performance.now() - before) / 1000);
    times.runtimeSeconds.push(((runtimeMilliseconds() ?? 0) - (runtimeBefore ?? 0)) / 1000);
    // In turns with the steps, so that a noisy neighbor slows both sides of the ratio.
    product.measure(Math.floor(effort.products / timedSteps));
  }
  trainStep.dispose();
  return runtimeMilliseconds() === undefined ? { ...times, runtimeSeconds: null } : times;
}

/** Time that our backend has spent in ONNX Runtime's run calls so far; undefined on another backend. */
function runtimeMilliseconds(): number | undefined {
  return (tf.backend() as { statistics?: { runMs: number } }).statistics?.runMs;
}

/** Times of the losses of a batch, without gradients. */
async function forwardTimes(
  model: Gpt,
  warmUp: number,
  count: number,
  nextBatch: () => Batch,
  compile: Compile,
): Promise<number[]> {
  const losses = compile((inputs: tf.Tensor, targets: tf.Tensor) =>
    tf.tidy(() => model.tokenLosses(inputs as tf.Tensor2D, targets as tf.Tensor2D)),
  );
  const seconds: number[] = [];
  for (let turn = 0; turn < warmUp + count; turn++) {
    const { inputs, targets } = nextBatch();
    const shape: [number, number] = [inputs.length / model.config.context, model.config.context];
    const before = performance.now();
    const tensors = [tf.tensor2d(inputs, shape, 'int32'), tf.tensor2d(targets, shape, 'int32')] as const;
    const result = losses(...tensors);
    await result.data();
    if (turn >= warmUp) seconds.push((performance.now() - before) / 1000);
    tf.dispose([result, ...tensors]);
  }
  return seconds;
}

/** Times products of square matrices: kept as a tensor, and only on the way to one of its elements. */
class SquareProduct {
  readonly seconds = { kept: [] as number[], bare: [] as number[] };
  readonly #size: number;
  readonly #matrices: readonly [tf.Tensor2D, tf.Tensor2D];
  readonly #warmUp: boolean;

  constructor(size: number, warmUp: boolean) {
    this.#size = size;
    const matrix = (seed: number) => tf.randomUniform<tf.Rank.R2>([size, size], -1, 1, 'float32', seed);
    this.#matrices = [matrix(1), matrix(2)];
    this.#warmUp = warmUp;
  }

  /** The first product after something else finds cold caches and sleeping threads: it is not timed. */
  measure(count: number): void {
    for (const kind of count > 0 ? (['bare', 'kept'] as const) : []) {
      const compute = kind === 'bare' ? this.#bare : this.#kept;
      if (this.#warmUp) this.#seconds(compute);
      for (let turn = 0; turn < count; turn++) this.seconds[kind].push(this.#seconds(compute));
    }
  }

  dispose(): void {
    tf.dispose([...this.#matrices]);
  }

  #seconds(compute: () => void): number {
    const before = performance.now();
    compute();
    const seconds = (performance.now() - before) / 1000;
    // The product is garbage now: it would count as the step's memory, and be collected in the middle of the next step.
    globalThis.gc?.();
    return seconds;
  }

  /** The product is a tensor when the element is read: ONNX Runtime hands all of it out. */
  readonly #kept = () => tf.tidy(() => this.#lastElement(tf.matMul(...this.#matrices)).dataSync());

  readonly #bare = () => {
    const element = tf.tidy(() => this.#lastElement(tf.matMul(...this.#matrices)));
    element.dataSync();
    element.dispose();
  };

  #lastElement(product: tf.Tensor2D): tf.Tensor2D {
    return tf.slice(product, [this.#size - 1, this.#size - 1], [1, 1]);
  }
}

/** Peak of the process's main memory; on a GPU all memory in use, because nobody gives memory back there. */
async function peakMegabytes({ device }: Place): Promise<number> {
  const gpu = await gpuMemory(device);
  if (gpu !== undefined) return (gpu.total - gpu.available) / 1e6;
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}

function versionOf(engine: TfjsEngine): string {
  if (engine === 'tensorflow') {
    const found = tensorflowPackage();
    return 'missing' in found ? '' : `${found.name} ${found.version}`;
  }
  if (engine === 'onnxruntime') {
    return `onnxruntime-node ${packageVersion('onnxruntime-node', '@dynact/tfjs-backend-onnxruntime') ?? ''}`;
  }
  const name = `@tensorflow/tfjs-backend-${engine}`;
  return `${name} ${packageVersion(name) ?? ''}`;
}
