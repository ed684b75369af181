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
export { InputError } from './input-error.ts';
