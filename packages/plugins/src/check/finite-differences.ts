import * as tf from '@tensorflow/tfjs-core';

/** An input or a parameter, by the name that people know it by. */
export interface Named {
  readonly name: string;
  readonly variable: tf.Variable;
}

/** Wide enough for float32: a difference of losses keeps four digits. */
const step = 1 / 64;
/** Elements of a tensor that are tried: all of a small one, evenly spread ones of a matrix. */
const mostElements = 24;

/**
 * Holds the gradient of a function by each of its variables against finite differences of a weighted sum of its values. At a
 * kink any slope between those to the left and to the right is right.
 * @returns what differs, or undefined
 */
export function gradientFault(run: () => tf.Tensor, variables: readonly Named[]): string | undefined {
  const loss = (): tf.Scalar => {
    const value = run();
    const weights = Float32Array.from({ length: value.size }, (_, index) => Math.sin(1 + 1.7 * index));
    return tf.sum(tf.mul(value, tf.tensor(weights, value.shape)));
  };
  const lossNow = () => tf.tidy(() => loss().dataSync()[0]!);
  const middle = lossNow();
  const { value, grads } = tf.variableGrads(
    loss,
    variables.map(({ variable }) => variable),
  );
  value.dispose();
  try {
    for (const { name, variable } of variables) {
      const values = variable.dataSync().slice() as Float32Array;
      const gradient = grads[variable.name];
      if (gradient !== undefined && String(gradient.shape) !== String(variable.shape)) {
        return `gradient by ${name} has shape [${gradient.shape}], not [${variable.shape}]`;
      }
      const given = gradient?.dataSync() ?? new Float32Array(values.length);
      const stride = Math.ceil(values.length / mostElements);
      for (let index = 0; index < values.length; index += stride) {
        const lossAt = (offset: number) => {
          const moved = values.slice();
          moved[index]! += offset;
          tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
          return lossNow();
        };
        const left = (middle - lossAt(-step)) / step;
        const right = (lossAt(step) - middle) / step;
        tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
        const tolerance = 0.01 * Math.max(1, Math.abs(left), Math.abs(right));
        const slope = given[index]!;
        if (slope >= Math.min(left, right) - tolerance && slope <= Math.max(left, right) + tolerance) continue;
        const measured = ((left + right) / 2).toPrecision(4);
        return `gradient by ${name} is ${slope.toPrecision(4)} where finite differences give ${measured}`;
      }
    }
    return undefined;
  } finally {
    tf.dispose(grads);
  }
}
