import { estimateMemory, type MemoryEstimate } from '@dynact/backends';
import { optimizerRule, type ParameterGroup, type WorkingSet, workingSetOf } from '@dynact/nn';
import {
  blockLength,
  countModel,
  createArchitecture,
  type ModelCounts,
  maskNumbers,
  type ResolvedModelConfig,
  resolveModelConfig,
  scoresAtATime,
} from '@dynact/transformer';
import type { Config } from '../config/schema.ts';

/** Parameters of one shape: of one name, or of the same place in several blocks. */
export interface PlannedParameter {
  /** `blocks.*` stands for every block that has it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly group: ParameterGroup;
  /** How many parameters of that name there are. */
  readonly count: number;
}

/** The costs of a configuration, known before anything is trained. */
export interface ModelPlan extends ModelCounts {
  readonly parameterTable: readonly PlannedParameter[];
  /** Tokens of one optimizer step. */
  readonly tokensPerStep: number;
  /** Tokens of the whole run. */
  readonly tokens: number;
  /** Floating-point operations of the whole run's steps. */
  readonly flops: number;
  readonly memory: MemoryEstimate;
  /** Bytes of the checkpoints that a run keeps. */
  readonly disk: number;
}

/** @throws InputError for widths that do not fit together */
export function planModel(config: Config): ModelPlan {
  const model = resolveModelConfig(config.model, config.dataset.vocabSize);
  const { batchSize, checkpoint, gradientAccumulation, movingAverage, steps } = config.training;
  const { parameters } = createArchitecture(model);
  const counts = countModel(model);
  const workingSet = workingSetOf(config.backend.device);
  const optimizer = optimizerRule(config.training.optimizer);
  const optimizerState = parameters.reduce(
    (sum, parameter) => sum + Object.keys(optimizer.init(parameter)).length * parameter.size,
    0,
  );
  const weights = counts.parameters * (movingAverage === null ? 1 : 2);
  const checkpoints = (checkpoint.every === undefined ? 1 : checkpoint.keep) + (checkpoint.best ? 1 : 0);
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
    disk: 4 * (weights + optimizerState) * checkpoints,
    memory: estimateMemory(
      {
        parameters: counts.parameters,
        optimizerState,
        accumulates: gradientAccumulation > 1,
        averages: movingAverage !== null,
        activations:
          batchSize * activationsOf(model, workingSet) +
          maskNumbers(model.heads / model.kvHeads, model.context, model.context, workingSet),
        logits: Math.min(batchSize * model.context * model.vocabularySize, workingSet.logits),
      },
      config.backend.device,
    ),
  };
}

/** Numbers that the forward pass of one sequence keeps for the backward pass. */
function activationsOf(model: ResolvedModelConfig, workingSet: WorkingSet): number {
  const { layers, width, heads, kvHeads, headWidth, context, feedForwards, dropout } = model;
  // As wide as the stream: the two normed inputs, before and after scaling, two sums of the stream, the rotated query,
  // the attended values. Gate, up and their product are as wide as the block; scores as the context, where they are kept.
  const scored = blockLength(context, workingSet);
  const perToken = 8 * width + 4 * kvHeads * headWidth + (scored < context ? 0 : heads * context);
  // A block of a user's own is taken for a gated one.
  const wide = feedForwards.map((block) => ('own' in block || block.gated ? 3 : 2) * block.hiddenWidth);
  const perLayer = wide.map((numbers) => perToken + numbers);
  const masks = dropout === 0 ? 0 : (1 + 2 * layers) * width;
  // One block of one layer at a time has scores, weights and their gradients.
  const atATime = scored < context ? scoresAtATime * heads * scored : 0;
  return context * perLayer.reduce((sum, numbers) => sum + numbers, masks + atATime);
}
