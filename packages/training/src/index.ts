export { type Difference, firstDifference } from './config/difference.ts';
export { configJsonSchema } from './config/json-schema.ts';
export { type ConfigOption, configOptions } from './config/options.ts';
export { applyOverrides, mergeConfig, type RawConfig } from './config/overrides.ts';
export { commentKey, parseConfig, parseRecordedConfig, schemaKey, sourceOfErrors } from './config/parse.ts';
export { type PresetName, presets } from './config/presets.ts';
export {
  type BackendConfig,
  type ComparisonConfig,
  type Config,
  configSchema,
  executorSchema,
  type TrainingConfig,
} from './config/schema.ts';
export { type Continuation, describeLearningRate, longerConfig } from './config/stretches.ts';
export { type Evaluation, Evaluator } from './evaluation/evaluator.ts';
export { evaluationSteps, quarters } from './evaluation/steps.ts';
export { exportLlama } from './export/export-llama.ts';
export { exportOnnx, onnxModel, onnxModelWithCache, type ToOnnx } from './export/export-onnx.ts';
export { exportWeb } from './export/export-web.ts';
export { activationRecords } from './loop/activation-records.ts';
export { loadWeights, restoreWeights } from './loop/checkpoints.ts';
export { type GptBatch, Learner } from './loop/learner.ts';
export { gptBatch } from './loop/micro-batches.ts';
export { checkPlugins, tokenDigests } from './loop/open-run.ts';
export { recordedConfig, startingFrom } from './loop/recorded-config.ts';
export { type ExchangeTime, SharedSteps } from './loop/shared-steps.ts';
export { assignStored, type NamedVariable, optimizerVariables, readVariables } from './loop/stored-tensors.ts';
export { type TrainEvent, type TrainRunOptions, type TrainRunResult, trainRun } from './loop/train-run.ts';
export { expectedTime, type MeasuredSpeed, measureSpeed } from './plan/measure-speed.ts';
export { type ModelPlan, type PlannedParameter, planModel } from './plan/plan-model.ts';
export { planRanks, type RanksPlan } from './plan/plan-ranks.ts';
export { trainingFacts } from './plan/training-facts.ts';
