import { createTransform, type ParameterGroup } from '@dynact/nn';
import { countModel, createArchitecture, type ModelCounts, resolveModelConfig } from '@dynact/transformer';
import type { Config } from '../config/schema.ts';
import { estimateMemory, type MemoryEstimate } from './memory.ts';

/** Parameters of one shape: of one name, or of the same place in several blocks. */
export interface PlannedParameter {
  /** `blocks.*` stands for every block that has it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly group: ParameterGroup;
  /** How many parameters of that name there are. */
  readonly count: number;
}

/** What a configuration costs, known before anything is trained. */
export interface ModelPlan extends ModelCounts {
  readonly parameterTable: readonly PlannedParameter[];
  /** Tokens of one optimizer step. */
  readonly tokensPerStep: number;
  /** Tokens of the whole run. */
  readonly tokens: number;
  /** Floating-point operations of the whole run's steps. */
  readonly flops: number;
  readonly memory: MemoryEstimate;
}

/** @throws InputError for widths that do not fit together */
export function planModel(config: Config): ModelPlan {
  const model = resolveModelConfig(config.model, config.dataset.vocabSize);
  const { batchSize, gradientAccumulation, steps } = config.training;
  const { parameters } = createArchitecture(model);
  const counts = countModel(model);
  const transform = createTransform(config.training.optimizer);
  const slotElements = parameters.reduce(
    (sum, parameter) => sum + transform.slots(parameter).length * parameter.size,
    0,
  );
  const table = new Map<string, { name: string; shape: readonly number[]; group: ParameterGroup; count: number }>();
  for (const { name, shape, group } of parameters) {
    const general = name.replace(/^blocks\.\d+\./, 'blocks.*.');
    const key = `${general} ${shape}`;
    const known = table.get(key);
    if (known === undefined) table.set(key, { name: general, shape, group, count: 1 });
    else known.count++;
  }
  const tokensPerStep = batchSize * gradientAccumulation * model.context;
  return {
    ...counts,
    parameterTable: [...table.values()],
    tokensPerStep,
    tokens: tokensPerStep * steps,
    flops: counts.flopsPerToken * tokensPerStep * steps,
    memory: estimateMemory(model, config.training, { parameters: counts.parameters, slotElements }),
  };
}
