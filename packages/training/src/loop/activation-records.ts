import type { ActivationRecord } from '@dynact/runs/records';
import type { Gpt } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';

/** The trainable parameters of every layer's activation as a reader knows them (after reparametrization), at `step`. */
export async function activationRecords(model: Gpt, step: number): Promise<ActivationRecord[]> {
  const records: ActivationRecord[] = [];
  for (const layer of model.config.feedForwards.keys()) {
    const values = tf.tidy(() => model.activationValues(layer));
    for (const [name, tensor] of Object.entries(values)) {
      const data = Array.from(await tensor.data());
      tensor.dispose();
      records.push({ kind: 'activation', step, layer, name, value: tensor.rank === 0 ? data[0]! : data });
    }
  }
  return records;
}
