import { workingSetOf } from '@dynact/nn';
import { blockLength, maskNumbers } from './attention-tables.ts';
import type { ResolvedModelConfig } from './config/resolve.ts';
import { mostNew } from './generation/cached-layers.ts';

const bytesPerNumber = 4;
const mainMemory = workingSetOf('cpu');
/** Arrays of one kind at a time: what goes in, what comes out, and one between. */
const arraysAtATime = 3;
/** Copies of a cache that is assigned: as it was, as the runtime computed it, and as copied out. */
const copiesOfCache = 3;

/** Main memory, in bytes, beside the weights, that the losses of `batch` whole sequences take: an estimate from shapes. */
export function evaluationBytes(config: ResolvedModelConfig, batch: number): number {
  const { context, vocabularySize } = config;
  const logits = Math.min(batch * context * vocabularySize, mainMemory.logits);
  return forwardBytes(config, batch, context, context) + 2 * bytesPerNumber * logits;
}

/**
 * Main memory, in bytes, beside the weights, that writing takes: an estimate from shapes.
 * @param batch sequences at a time
 * @param tokens of the longest of them, at its end
 */
export function generationBytes(config: ResolvedModelConfig, batch: number, tokens: number): number {
  const { layers, kvHeads, headWidth, context } = config;
  const keysAndValues = 2 * layers * batch * kvHeads * (context + mostNew) * headWidth;
  const cached = bytesPerNumber * copiesOfCache * keysAndValues + forwardBytes(config, batch, mostNew, context);
  // Past its context the model reads all that it sees for every token.
  return cached + (tokens > context ? forwardBytes(config, batch, context, context) : 0);
}

/** One layer at a time, over `rows` tokens of each sequence that look at `seen`, with the tables of rotation and the mask. */
function forwardBytes(config: ResolvedModelConfig, batch: number, rows: number, seen: number): number {
  const { width, heads, kvHeads, headWidth, context, feedForwards } = config;
  const widest = Math.max(width, ...feedForwards.map(({ hiddenWidth }) => hiddenWidth));
  const scored = blockLength(rows, mainMemory);
  const mask = maskNumbers(heads / kvHeads, rows, seen, mainMemory);
  const tables = 2 * context * (heads + kvHeads) * headWidth + mask;
  return bytesPerNumber * (arraysAtATime * batch * (rows * widest + scored * heads * seen) + tables);
}
