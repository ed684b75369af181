import * as tf from '@tensorflow/tfjs-core';

/**
 * An operation with a gradient of its own, whose tensors go through `saved`: tfjs keeps exactly these alive.
 * @param forward value of the inputs, and the tensors that `backward` reads
 * @param backward gradients with respect to the inputs, in their order
 */
export function differentiable<Inputs extends tf.Tensor[], Saved extends tf.Tensor[], Output extends tf.Tensor>(
  inputs: readonly [...Inputs],
  forward: (...inputs: Inputs) => { value: Output; saved: readonly [...Saved] },
  backward: (dy: Output, saved: Saved) => tf.Tensor[],
): Output {
  // tfjs passes `save` as the last argument, which its types cannot say of a function with several inputs.
  const operation = tf.customGrad((...inputsAndSave: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = inputsAndSave.at(-1) as tf.GradSaveFunc;
    const { value, saved } = forward(...(inputsAndSave.slice(0, -1) as Inputs));
    save([...saved]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, savedTensors: tf.Tensor[]) => {
        const gradients = backward(dy as Output, savedTensors as Saved);
        return gradients.length === 1 ? (gradients[0] as tf.Tensor) : gradients;
      },
    };
  });
  return operation(...inputs) as Output;
}
