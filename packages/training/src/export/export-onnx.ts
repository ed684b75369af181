import { join } from 'node:path';
import type { Tokenizer } from '@dynact/data';
import { writeFileAtomic, writeFolderAtomic, writeJsonAtomic } from '@dynact/files';
import { exportableForward, type Gpt, type KeysAndValues } from '@dynact/transformer';
import type * as tf from '@tensorflow/tfjs-core';
import { tokenizerFiles } from './tokenizer-files.ts';

interface OnnxInput {
  readonly dtype: 'float32' | 'int64';
  readonly shape: readonly (number | string)[];
  readonly limit?: { readonly sizes: readonly string[]; readonly most: number; readonly name: string };
}

/** Writes a function of tensors as an ONNX file: the onnxruntime backend's `toOnnx`. */
export type ToOnnx = (
  fn: (inputs: Readonly<Record<string, tf.Tensor>>) => Readonly<Record<string, tf.Tensor>>,
  inputs: Readonly<Record<string, OnnxInput>>,
  sizes: Readonly<Record<string, readonly [number, number]>>,
) => Uint8Array;

/**
 * The forward pass of any model as an ONNX file, recorded from its own code, with batch and sequence of any size:
 * input `input_ids` [batch, sequence] int64, as tokenizers make ids, output `logits` [batch, sequence, vocabulary].
 */
export function onnxModel(model: Gpt, toOnnx: ToOnnx): Uint8Array {
  return toOnnx(
    ({ input_ids: tokens }) => ({ logits: exportableForward(model, tokens as tf.Tensor2D).logits }),
    { input_ids: tokenIds(model, ['sequence']) },
    exampleSizes(model, ['batch', 'sequence']),
  );
}

/**
 * The forward pass with a key-value cache: further inputs `past.<layer>.key` and `past.<layer>.value`, each [batch, kvHeads,
 * past, headWidth] with past 0 or more, and outputs `present.<layer>.key` and `.value`, past + sequence long, to give back
 * as the next call's past. past + sequence must not exceed the context.
 */
export function onnxModelWithCache(model: Gpt, toOnnx: ToOnnx): Uint8Array {
  const { layers, kvHeads, headWidth } = model.config;
  const shape = ['batch', kvHeads, 'past', headWidth];
  const names = Array.from({ length: layers }, (_, layer) => ({
    key: `past.${layer}.key`,
    value: `past.${layer}.value`,
  }));
  const cacheInputs = Object.fromEntries(
    names.flatMap(({ key, value }) => [key, value]).map((name) => [name, { dtype: 'float32' as const, shape }]),
  );
  return toOnnx(
    (inputs) => {
      const past = names.map(
        ({ key, value }) => ({ keys: inputs[key], values: inputs[value] }) as unknown as KeysAndValues,
      );
      const { logits, cache } = exportableForward(model, inputs.input_ids as tf.Tensor2D, past);
      const outputs = cache.flatMap(({ keys, values }, layer) => [
        [`present.${layer}.key`, keys],
        [`present.${layer}.value`, values],
      ]);
      return { logits, ...Object.fromEntries(outputs) };
    },
    { input_ids: tokenIds(model, ['past', 'sequence']), ...cacheInputs },
    exampleSizes(model, ['batch', 'sequence', 'past']),
  );
}

/**
 * Writes model.onnx, model-with-cache.onnx, config.json (the resolved architecture) and the tokenizer's files.
 * @param directory new or empty; it appears complete or not at all
 */
export async function exportOnnx(model: Gpt, tokenizer: Tokenizer, directory: string, toOnnx: ToOnnx): Promise<void> {
  const { tokenizer: tokenizerJson, configuration } = tokenizerFiles(tokenizer, model.config.context);
  await writeFolderAtomic(directory, (folder) => {
    writeFileAtomic(join(folder, 'model.onnx'), onnxModel(model, toOnnx));
    writeFileAtomic(join(folder, 'model-with-cache.onnx'), onnxModelWithCache(model, toOnnx));
    writeJsonAtomic(join(folder, 'config.json'), { ...model.config, endOfText: tokenizer.endOfText });
    writeJsonAtomic(join(folder, 'tokenizer.json'), tokenizerJson);
    writeJsonAtomic(join(folder, 'tokenizer_config.json'), configuration);
  });
}

/** Beyond the context, the runtime's error names the operator that says so. */
function tokenIds({ config: { context } }: Gpt, sizes: readonly string[]): OnnxInput {
  const name = `the_text_is_longer_than_the_context_of_${context}_tokens`;
  return { dtype: 'int64', shape: ['batch', 'sequence'], limit: { sizes, most: context, name } };
}

/** Two sizes of each axis whose sums stay below the context; batches may be of any size, so primes that occur nowhere. */
function exampleSizes(model: Gpt, names: readonly string[]): Record<string, [number, number]> {
  const { context } = model.config;
  const sequence = Math.max(2, Math.floor(context / 4));
  const sizes: Record<string, [number, number]> = {
    batch: [1009, 1013],
    sequence: [sequence, sequence + 1],
    past: [sequence + 2, sequence + 3],
  };
  return Object.fromEntries(names.map((name) => [name, sizes[name] as [number, number]]));
}
