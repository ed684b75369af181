import type { ActivationRecord } from '@dynact/runs/records';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The trainable parameters of every layer's activation as a reader knows them (after reparametrization), at `step`.
 * @param layers the values of each, by name
 */
export async function activationRecords(
  layers: readonly (() => Readonly<Record<string, tf.Tensor>>)[],
  step: number,
): Promise<ActivationRecord[]> {
  const records: ActivationRecord[] = [];
  for (const [layer, values] of layers.entries()) {
    for (const [name, tensor] of Object.entries(tf.tidy(values))) {
      const data = Array.from(await tensor.data());
      tensor.dispose();
      records.push({ kind: 'activation', step, layer, name, value: tensor.rank === 0 ? data[0]! : data });
    }
  }
  return records;
}
