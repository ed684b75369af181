import { engine, Tensor, type Variable } from '@tensorflow/tfjs-core';
import { OnnxRuntimeBackend } from './backend.ts';
import { flatten, structureText, unflatten } from './container.ts';
import { InputError } from './errors.ts';
import { Spares } from './memory.ts';
import { record } from './record.ts';
import type { Recording } from './recording.ts';
import { backendName } from './register.ts';
import { SessionCache } from './runtime/session-cache.ts';

/** A compiled function whose last call can be taken back. */
export interface Undoable {
  /** Whether that holds for the next call, too: not before the first, and not on another backend. */
  readonly canUndo: boolean;
  /**
   * Gives variables the elements that they had before the last call, as far as nobody has assigned others since. Does nothing
   * after a call that threw, which left them as they were.
   */
  undo(variables: readonly Variable[]): void;
}

/**
 * Makes a function of tensors replay as one compiled graph, without running its code again.
 *
 * Arguments are tensors, or nested arrays and plain objects of them, such as `step({ inputs, targets }, { learningRate })`;
 * results are such containers too. The first call with some structure, shapes and types runs `fn` and records what it does;
 * later calls feed the tensors and the current variables to that graph. Inside `fn`:
 * - variables may be read and assigned (also by an optimizer); the next call sees what the last one assigned;
 * - `tf.grads`, `tf.variableGrads` and everything else that calls tfjs operations may be used;
 * - a number that changes from call to call must come in as a tensor: plain JavaScript values, and tensors made
 *   of them inside `fn`, are those of the recording;
 * - tensors must not be read (`data`, `dataSync`, `array`): that throws an InputError.
 *
 * A call that throws while it records leaves every variable as it was. A tensor from outside is the recording's from
 * then on, also after it was disposed.
 *
 * A call that takes more than a few milliseconds is put off until somebody needs a result: `await result.data()` lets it run on
 * another thread, everything else that computes waits for it. Its error comes then, and the variables are as they were.
 *
 * The results are fresh tensors that the caller disposes. Large ones, and large values that were assigned to variables, are
 * written over those of the call before the last one, as far as nobody can see these any more: the function keeps them
 * until its next call.
 *
 * A call can be taken back: see `Undoable`.
 *
 * On any other backend, and while gradients are being taken of the call itself, `fn` runs as it is.
 *
 * @throws InputError for an argument that holds anything but tensors (and undefined), a function that cannot be recorded, and
 * where the backend was loaded from another copy of this package
 */
export function compile<F extends (...inputs: never[]) => unknown>(fn: F): F & Partial<Undoable> {
  /** Recordings on a backend, and memory of its device that they share. */
  const kept = new WeakMap<OnnxRuntimeBackend, { cache: SessionCache<Recording>; spares: Spares }>();
  /** Where the last call was, if that can be taken back. */
  let last: { backend: OnnxRuntimeBackend; spares: Spares } | undefined;
  const compiled = (...inputs: never[]): unknown => {
    last = undefined;
    const { backend, backendName: active, state } = engine();
    if (!(backend instanceof OnnxRuntimeBackend)) {
      if (active === backendName) {
        throw new InputError('compile: the active backend is that of another copy of this package; use one copy of it');
      }
      return fn(...inputs);
    }
    if (backend.readGuard || state.gradientDepth > 0) return fn(...inputs);
    const key = inputs.map((input, index) => structureText(input, `argument ${index + 1}`, inputText)).join(' ');
    let own = kept.get(backend);
    if (!own) {
      own = { cache: new SessionCache(backend.options.graphs), spares: new Spares() };
      kept.set(backend, own);
      backend.own(own.cache);
    }
    const { cache, spares } = own;
    const { tensors, template } = flatten(inputs);
    let recording = cache.find(key);
    if (!recording) {
      const run = (given: readonly Tensor[]) => fn(...(unflatten(template, given) as never[]));
      const recorded = record(backend, run, tensors, spares);
      if ('results' in recorded) {
        spares.keep(recorded.changes);
        last = { backend, spares };
        return recorded.results;
      }
      recording = recorded.recording;
      cache.add(key, recording);
    }
    const results = recording.run(tensors);
    last = { backend, spares };
    return results;
  };
  const undo = (variables: readonly Variable[]): void => {
    last?.backend.finishDeferred();
    last?.spares.undo(variables);
  };
  const undoable = Object.defineProperty(Object.assign(compiled, { undo }), 'canUndo', {
    get: () => last !== undefined && engine().backend === last.backend,
  });
  return undoable as unknown as F & Undoable;
}

/** Type and shape of a tensor that can be fed. */
function inputText(input: unknown, path: string): string {
  if (input === undefined) return '-';
  const place = `compile: ${path}`;
  if (!(input instanceof Tensor)) {
    throw new InputError(
      `${place} is not a tensor; pass numbers that change as tf.scalar(x), and close over the others`,
    );
  }
  if (input.isDisposed) throw new InputError(`${place} is a tensor that is disposed`);
  const { dtype, shape } = input;
  if (dtype === 'string' || dtype === 'complex64') {
    throw new InputError(`${place} is a ${dtype} tensor; pass float32, int32 or bool`);
  }
  return `${dtype}[${shape}]`;
}
