import { Gpt, modelConfigSchema, resolveModelConfig } from '@dynact/transformer';
import { type GptBatch, gptBatch } from '../../src/index.ts';

const vocabularySize = 290;
const context = 8;

/** A GPT that trains in milliseconds. */
export function tinyModel(model: object = {}, seed = 1): Gpt {
  const config = { layers: 1, width: 16, heads: 2, context, feedForward: { kind: 'dynactglu' }, ...model };
  return new Gpt(resolveModelConfig(modelConfigSchema.parse(config), vocabularySize), seed);
}

/** Rows `first` to `last` of an endless, fixed batch. */
export function batchRows(model: Gpt, first: number, last: number): GptBatch {
  const tokenAt = (row: number, column: number) => (31 * row + 7 * column * column) % vocabularySize;
  const inputs: number[] = [];
  const targets: number[] = [];
  for (let row = first; row < last; row++) {
    for (let column = 0; column < context; column++) {
      inputs.push(tokenAt(row, column));
      targets.push(tokenAt(row, column + 1));
    }
  }
  return gptBatch(model, { inputs: Int32Array.from(inputs), targets: Int32Array.from(targets) });
}
