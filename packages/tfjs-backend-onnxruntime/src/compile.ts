import { engine, Tensor, type TensorContainer } from '@tensorflow/tfjs-core';
import { OnnxRuntimeBackend } from './backend.ts';
import { InputError } from './errors.ts';
import { record } from './record.ts';
import type { Recording } from './recording.ts';
import { SessionCache } from './runtime/session-cache.ts';
import { Spares } from './spares.ts';

/**
 * Makes a function of tensors replay as one compiled graph, without running its code again.
 *
 * The first call with inputs of some shapes and types runs `fn` and records what it does; later calls feed the inputs
 * and the current variables to that graph. Inside `fn`:
 * - variables may be read and assigned (also by an optimizer); the next call sees what the last one assigned;
 * - `tf.grads`, `tf.variableGrads` and everything else that calls tfjs operations may be used;
 * - a number that changes from call to call must come in as a tensor input: plain JavaScript values, and tensors made
 *   of them inside `fn`, are those of the recording;
 * - tensors must not be read (`data`, `dataSync`, `array`): that throws an InputError.
 *
 * A call that throws while it records leaves every variable as it was. A tensor from outside is the recording's from
 * then on, also after it was disposed.
 *
 * The results are fresh tensors that the caller disposes. Large ones, and large values that were assigned to variables, are
 * written over those of the call before the last one, as far as nobody can see these any more: the function keeps them
 * until its next call.
 *
 * On any other backend, and while gradients are being taken of
 * the call itself, `fn` runs as it is.
 */
export function compile<F extends (...inputs: Tensor[]) => TensorContainer>(fn: F): F {
  const caches = new WeakMap<OnnxRuntimeBackend, SessionCache<Recording>>();
  const spares = new Spares();
  const compiled = (...inputs: Tensor[]): TensorContainer => {
    const { backend, state } = engine();
    if (!(backend instanceof OnnxRuntimeBackend) || backend.readGuard || state.gradientDepth > 0) return fn(...inputs);
    inputs.forEach(assertInput);
    let cache = caches.get(backend);
    if (!cache) {
      cache = new SessionCache(backend.options.graphs);
      caches.set(backend, cache);
      backend.own(cache);
    }
    const key = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ');
    let recording = cache.find(key);
    if (!recording) {
      const recorded = record(backend, fn, inputs, spares);
      if ('results' in recorded) return recorded.results;
      recording = recorded.recording;
      cache.add(key, recording);
    }
    return recording.run(inputs);
  };
  return compiled as F;
}

function assertInput(input: unknown, index: number): void {
  const what = `compile: argument ${index + 1}`;
  if (!(input instanceof Tensor)) {
    throw new InputError(
      `${what} is not a tensor; pass numbers that change as tf.scalar(x), and close over the others`,
    );
  }
  if (input.isDisposed) throw new InputError(`${what} is a tensor that is disposed`);
  if (input.dtype === 'string' || input.dtype === 'complex64') {
    throw new InputError(`${what} is a ${input.dtype} tensor; pass float32, int32 or bool`);
  }
}
