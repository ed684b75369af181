/** A training step in one process; times are medians over its steps. */
export interface TrainingFigures {
  readonly stepMilliseconds: number;
  readonly tokensPerSecond: number;
  /** (6 P + 12 L D T) B T floating-point operations a step, in 10^9 a second. */
  readonly modelGflops: number;
  /** modelGflops / gemmGflops of the same process. */
  readonly ratio: number;
  /** modelGflops / bareGemmGflops of the same process. */
  readonly bareRatio: number;
  /** Share of the step outside ONNX Runtime's run call; null for other engines. */
  readonly outsideRuntime: number | null;
  /** One a step, the untimed ones first. */
  readonly losses: readonly number[];
}

/** Figures of one process. */
export interface EngineRun {
  readonly version: string;
  readonly threads: number;
  /** Sequences a step. */
  readonly batchSize: number;
  /** Median of the products of 2048 x 2048 x 2048, each a new tensor, in 10^9 floating-point operations a second. */
  readonly gemmGflops: number;
  /** As gemmGflops, but the product is not kept, so that nothing but the computation is timed: the highest ceiling. */
  readonly bareGemmGflops: number;
  /** Null where the engine cannot train. */
  readonly training: TrainingFigures | null;
  /** Median time of the losses of one batch, without gradients. */
  readonly forwardMilliseconds: number;
  readonly forwardTokensPerSecond: number;
  /** After the training steps, or after the forward passes where there are none; of the GPU's memory on cuda. */
  readonly peakResidentMegabytes: number;
}
