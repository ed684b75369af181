/** Learning without folders: nothing of Node, so that a page in a browser trains as the trainer does. */
export { mergeConfig, type RawConfig } from './config/overrides.ts';
export { parseConfig, parseRecordedConfig } from './config/parse.ts';
export { presets } from './config/presets.ts';
export type { Config } from './config/schema.ts';
export { longerConfig } from './config/stretches.ts';
export { type Evaluation, Evaluator } from './evaluation/evaluator.ts';
export { evaluationSteps } from './evaluation/steps.ts';
export { activationRecords } from './loop/activation-records.ts';
export { captureTraining, loadWeights, restoreTraining } from './loop/checkpoints.ts';
export { Diverged, Divergence } from './loop/divergence.ts';
export { Learner } from './loop/learner.ts';
export { MicroBatches } from './loop/micro-batches.ts';
export { initialRunState, type RunState } from './loop/run-state.ts';
