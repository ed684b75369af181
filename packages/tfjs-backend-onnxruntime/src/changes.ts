import { engine, type Variable } from '@tensorflow/tfjs-core';
import type { OnnxRuntimeBackend } from './backend.ts';
import type { Value } from './graph/value.ts';
import { type Replaced, share } from './memory.ts';
import { isResidentCopy } from './runtime/device.ts';

/** A variable that got another value. */
export interface Change {
  readonly variable: Variable;
  readonly value: Value;
  readonly old: Value;
  /** Nobody else holds the old value. */
  readonly isFree: boolean;
}

/** Values that a call replaced. */
export class Changes implements Replaced {
  readonly #backend: OnnxRuntimeBackend;
  #changes: readonly Change[];

  constructor(backend: OnnxRuntimeBackend, changes: readonly Change[]) {
    this.#backend = backend;
    this.#changes = changes;
  }

  discard(): void {
    for (const change of this.#changes) discard(this.#backend, change);
    this.#changes = [];
  }

  undo(variables: ReadonlySet<Variable>): void {
    const backend = this.#backend;
    const isTheirs = ({ variable, value }: Change) =>
      variables.has(variable) && !variable.isDisposed && hasSame(backend.borrowedValue(variable.dataId), value);
    const undone = this.#changes.filter(isTheirs);
    this.#changes = this.#changes.filter((change) => !undone.includes(change));
    for (const { variable, old, isFree } of undone) {
      // A clone has them, too.
      if (!isFree && old.kind === 'leaf') backend.pin(share(old).tensor);
      assign(backend, variable, old);
    }
  }
}

/** Whether a variable still has the elements that it was given. @param a what it has now */
function hasSame(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.kind !== 'leaf' || b.kind !== 'leaf') return false;
  const [one, other] = [a.tensor, b.tensor];
  if (one.location === 'cpu') return other.location === 'cpu' && one.data === other.data;
  // A call that read the variable meanwhile may have moved it.
  return other.location === 'cpu' ? isResidentCopy(one, other.data) : one.elements === other.elements;
}

/** Gives a variable other elements, without computing. */
export function assign(backend: OnnxRuntimeBackend, variable: Variable, value: Value): void {
  discard(backend, { value, ...exchange(backend, variable, value) });
}

/** Gives a variable another value; the elements of the old one are not taken back yet. */
export function exchange(
  backend: OnnxRuntimeBackend,
  variable: Variable,
  value: Value,
): Pick<Change, 'old' | 'isFree'> {
  const old = backend.borrowedValue(variable.dataId);
  if (backend.refCount(variable.dataId) === 1) {
    backend.replaceValue(variable.dataId, value);
    return { old, isFree: true };
  }
  const fresh = engine().makeTensorFromTensorInfo(backend.tensor(value, variable.dtype), backend);
  variable.assign(fresh);
  fresh.dispose();
  return { old, isFree: false };
}

/** Takes back what a variable held, unless it still holds it or others do. */
function discard(backend: OnnxRuntimeBackend, { old, value, isFree }: Omit<Change, 'variable'>): void {
  const isSame = old.kind === 'leaf' && value.kind === 'leaf' && old.tensor === value.tensor;
  if (isFree && !isSame) backend.release(old);
}
