import { InputError } from '@dynact/files/input-error';
import { type ResolvedFeedForward, resolveFeedForwards } from './feed-forward.ts';
import type { ModelConfig } from './schema.ts';

/** A configuration with nothing left to derive; `vocabularySize` comes from the dataset. */
export interface ResolvedModelConfig extends Omit<ModelConfig, 'kvHeads' | 'feedForward' | 'initialization'> {
  readonly vocabularySize: number;
  readonly kvHeads: number;
  readonly headWidth: number;
  /** One a layer. */
  readonly feedForwards: readonly ResolvedFeedForward[];
  /** Standard deviations of normal initial values. */
  readonly initialization: {
    readonly standardDeviation: number;
    readonly embeddingStandardDeviation: number;
    /** For matrices that write to the residual stream, as in GPT-2: the sum over 2 x layers branches keeps its size. */
    readonly residualStandardDeviation: number;
  };
}

/** Elements of an array at most: rows and places in it are counted by int32. */
const largestArray = 2 ** 31 - 1;

/**
 * Checks what zod cannot see across fields and fills in what follows from other fields.
 * @throws InputError naming the path of the field that is wrong.
 */
export function resolveModelConfig(config: ModelConfig, vocabularySize: number): ResolvedModelConfig {
  const { width, heads, layers, tieEmbeddings } = config;
  const kvHeads = config.kvHeads ?? heads;
  const headWidth = width / heads;
  if (width % heads !== 0) {
    throw new InputError(
      'configuration',
      `model.heads: ${heads} heads do not divide width ${width}; choose heads that divide it`,
    );
  }
  if (heads % kvHeads !== 0) {
    throw new InputError(
      'configuration',
      `model.kvHeads: ${kvHeads} does not divide ${heads} heads; choose a divisor of heads`,
    );
  }
  if (config.position === 'rope' && headWidth % 2 !== 0) {
    throw new InputError(
      'configuration',
      `model.heads: rope rotates pairs of features, but width ${width} over ${heads} heads gives the odd head width ${headWidth}`,
    );
  }
  const feedForwards = resolveFeedForwards(config);
  const group = heads / kvHeads;
  checkArrays([
    ['model.width', vocabularySize, width],
    ['model.feedForward.hiddenWidth', width, Math.max(...feedForwards.map(({ hiddenWidth }) => hiddenWidth))],
    ['model.context', config.context, Math.max(width, group * config.context)],
  ]);
  const { feedForward: _, ...plain } = config;
  const { standardDeviation, residualScaled, embeddingStandardDeviation } = config.initialization;
  return {
    ...plain,
    vocabularySize,
    kvHeads,
    headWidth,
    feedForwards,
    initialization: {
      standardDeviation,
      embeddingStandardDeviation: embeddingStandardDeviation ?? (tieEmbeddings ? Math.min(0.02, 2 / width) : 0.02),
      residualStandardDeviation: residualScaled ? standardDeviation / Math.sqrt(2 * layers) : standardDeviation,
    },
  };
}

/** @throws InputError for the first matrix that would be too large to index; not an allocation that fails, or goes on for hours */
function checkArrays(sides: readonly [path: string, rows: number, columns: number][]): void {
  for (const [path, rows, columns] of sides) {
    if (rows * columns <= largestArray) continue;
    const limit = `a matrix has at most ${largestArray} numbers`;
    throw new InputError('configuration', `${path}: it makes a matrix of ${rows} x ${columns}; ${limit}`);
  }
}
