export { type Compile, runAsIs } from './compile.ts';
export { type Layer, linear } from './linear.ts';
export { linearCrossEntropy, linearTokenLosses } from './operations/cross-entropy.ts';
export { differentiable } from './operations/differentiable.ts';
export { embed } from './operations/embedding.ts';
export { layerNorm } from './operations/layer-norm.ts';
export { rmsNorm } from './operations/rms-norm.ts';
export { adam } from './optimizers/adam.ts';
export { chain, partition } from './optimizers/chain.ts';
export { createTransform } from './optimizers/create-transform.ts';
export type {
  GradientTransform,
  OptimizedParameter,
  StepScalars,
  Transformed,
} from './optimizers/gradient-transform.ts';
export { lion } from './optimizers/lion.ts';
export { momentum } from './optimizers/momentum.ts';
export { type OptimizerConfig, optimizerSchema } from './optimizers/optimizer-schema.ts';
export { orthogonalize } from './optimizers/orthogonalize.ts';
export { learningRate } from './optimizers/schedule.ts';
export { type ScheduleConfig, scheduleSchema } from './optimizers/schedule-schema.ts';
export { constantParameter, normalParameter, Parameter, type ParameterGroup } from './parameters.ts';
export { normalValues, type UniformStream, uniformStream } from './random.ts';
