export { applyOverrides, mergeConfig, type RawConfig } from './config/overrides.ts';
export { parseConfig } from './config/parse.ts';
export { type PresetName, presets } from './config/presets.ts';
export {
  type BackendConfig,
  type ComparisonConfig,
  type Config,
  configSchema,
  type OptimizerConfig,
  type ScheduleConfig,
  type TrainingConfig,
} from './config/schema.ts';
export { type Evaluation, Evaluator } from './evaluation/evaluator.ts';
export { evaluationSteps } from './evaluation/plan.ts';
export { InputError } from './input-error.ts';
export { restoreWeights } from './loop/checkpointing.ts';
export { dropoutMasks } from './loop/dropout-masks.ts';
export { type TrainEvent, type TrainRunOptions, type TrainRunResult, trainRun } from './loop/train-run.ts';
export { type MicroBatch, type StepResult, type TrainedParameter, TrainStep } from './loop/train-step.ts';
export { createUpdateRule } from './optimizers/create-update-rule.ts';
export { learningRate } from './optimizers/schedule.ts';
export type { StepScalars, UpdateRule } from './optimizers/update-rule.ts';
