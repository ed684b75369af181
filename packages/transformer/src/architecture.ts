import { type Layer, normalParameter, type Parameter } from '@dynact/nn';
import { type Block, block } from './blocks/block.ts';
import { norm } from './blocks/norm.ts';
import type { ResolvedModelConfig } from './config/resolve.ts';

/** The parts of a GPT, whose parameters have no values yet. */
export interface Architecture {
  /** [vocabularySize, width] */
  readonly tokenEmbedding: Parameter;
  /** [context, width] of learned positions */
  readonly positionEmbedding: Parameter | undefined;
  readonly blocks: readonly Block[];
  readonly finalNorm: Layer;
  /** [vocabularySize, width]: the token embedding itself where they are tied */
  readonly output: Parameter;
  /** Every parameter once, in a fixed order. */
  readonly parameters: readonly Parameter[];
}

export function createArchitecture(config: ResolvedModelConfig): Architecture {
  const { vocabularySize, width, context, layers, initialization } = config;
  const { standardDeviation, embeddingStandardDeviation } = initialization;
  const embedding = (name: string, rows: number) =>
    normalParameter(name, [rows, width], 'embedding', embeddingStandardDeviation);
  const tokenEmbedding = embedding('tokenEmbedding.weight', vocabularySize);
  const positionEmbedding = config.position === 'learned' ? embedding('positionEmbedding.weight', context) : undefined;
  const blocks = Array.from({ length: layers }, (_, layer) => block(config, layer));
  const finalNorm = norm('finalNorm', config);
  const output = config.tieEmbeddings
    ? tokenEmbedding
    : normalParameter('output.weight', [vocabularySize, width], 'output', standardDeviation);
  const parameters = [
    tokenEmbedding,
    ...(positionEmbedding === undefined ? [] : [positionEmbedding]),
    ...[...blocks, finalNorm].flatMap((part) => part.parameters),
    ...(output === tokenEmbedding ? [] : [output]),
  ];
  return { tokenEmbedding, positionEmbedding, blocks, finalNorm, output, parameters };
}
