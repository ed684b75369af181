import type { Parameter } from '@dynact/transformer';
import * as tf from '@tensorflow/tfjs-core';

/** The name of the first parameter, in the order of the model, that holds a NaN or an infinity. */
export async function firstNonFinite(parameters: readonly Parameter[]): Promise<string | undefined> {
  for (const { name, variable } of parameters) {
    const allFinite = tf.tidy(() => tf.all(tf.isFinite(variable)));
    const [finite] = await allFinite.data();
    allFinite.dispose();
    if (!finite) return name;
  }
  return undefined;
}
