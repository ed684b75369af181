export { type Compile, runAsIs } from './compile.ts';
export { type BatchNorm, batchNorm } from './layers/batch-norm.ts';
export { convolution, type PictureLayer } from './layers/convolution.ts';
export { lstm, type RecurrentLayer } from './layers/lstm.ts';
export { channelAttention, spatialAttention } from './layers/picture-attention.ts';
export { uniformParameter } from './layers/uniform-parameter.ts';
export { type Layer, linear } from './linear.ts';
export { after, type Block, blocksOf } from './operations/blocks.ts';
export { linearCrossEntropy, linearTokenLosses } from './operations/cross-entropy.ts';
export { differentiable } from './operations/differentiable.ts';
export { type DropoutDraws, dropout, dropoutDraws, dropoutMask } from './operations/dropout.ts';
export { embed } from './operations/embedding.ts';
export { layerNorm } from './operations/layer-norm.ts';
export { rmsNorm } from './operations/rms-norm.ts';
export { softmaxCrossEntropy } from './operations/softmax-cross-entropy.ts';
export { activeDevice, activeWorkingSet, type WorkingSet, workingSetOf } from './operations/working-set.ts';
export { adam } from './optimizers/adam.ts';
export { chain, partition } from './optimizers/chain.ts';
export { clipByGlobalNorm } from './optimizers/clipping.ts';
export {
  type Direction,
  type GradientTransform,
  type NamedTensors,
  rule,
  type StepScalars,
  scaling,
  type TransformContext,
  type TransformedParameter,
} from './optimizers/gradient-transform.ts';
export { scaleByLearningRate } from './optimizers/learning-rate.ts';
export { momentum } from './optimizers/momentum.ts';
export { movingAverageDecay } from './optimizers/moving-average.ts';
export { orthogonalize } from './optimizers/muon.ts';
export { type MovingAverage, Optimizer } from './optimizers/optimizer.ts';
export { createOptimizer, type OptimizerConfig, optimizerRule, optimizerSchema } from './optimizers/optimizers.ts';
export { learningRate, type ScheduleConfig, scheduleSchema } from './optimizers/schedule.ts';
export { decayWeights } from './optimizers/weight-decay.ts';
export { constantParameter, normalParameter, Parameter, type ParameterGroup } from './parameters.ts';
export { normalValues, type UniformStream, uniformStream } from './random.ts';
export {
  type GradientExchange,
  type GradientNorms,
  type Objective,
  type StepResult,
  TrainStep,
  type TrainStepOptions,
} from './train-step.ts';
