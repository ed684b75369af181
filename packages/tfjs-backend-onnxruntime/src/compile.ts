import { engine, type Tensor, type TensorContainer } from '@tensorflow/tfjs-core';
import { OnnxRuntimeBackend } from './backend.ts';
import { type Recording, record } from './recording.ts';
import { SessionCache } from './runtime/session-cache.ts';

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
 * The results are fresh tensors that the caller disposes. On any other backend, and while gradients are being taken of
 * the call itself, `fn` runs as it is.
 */
export function compile<F extends (...inputs: Tensor[]) => TensorContainer>(fn: F): F {
  const caches = new WeakMap<OnnxRuntimeBackend, SessionCache<Recording>>();
  const compiled = (...inputs: Tensor[]): TensorContainer => {
    const { backend, state } = engine();
    if (!(backend instanceof OnnxRuntimeBackend) || backend.readGuard || state.gradientDepth > 0) return fn(...inputs);
    let cache = caches.get(backend);
    if (!cache) {
      cache = new SessionCache(backend.options.graphs);
      caches.set(backend, cache);
      backend.owned.add(cache);
    }
    const key = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ');
    let recording = cache.find(key);
    if (!recording) {
      const recorded = record(backend, fn, inputs);
      if ('results' in recorded) return recorded.results;
      recording = recorded.recording;
      cache.add(key, recording);
    }
    return recording.run(inputs);
  };
  return compiled as F;
}
