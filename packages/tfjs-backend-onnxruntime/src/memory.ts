import type { Variable } from '@tensorflow/tfjs-core';
import type { Leaf, OrtTensor, Value } from './graph/value.ts';
import type { DeviceElements } from './runtime/tensor.ts';

/*
 * Rights to the memory of a tensor's elements; docs/memory.md is the page about them. The elements of a leaf are
 * - claimed: a compiled function made them and one tensor holds them; released, they become its function's spares;
 * - borrowed: read by somebody who forgets them when it returns; they stay claimed;
 * - shared: somebody may keep them; nobody has a claim any more, and the garbage collector or the device frees them;
 * - pinned: on a device, and more than one leaf has them; only the garbage collector frees them;
 * - released: on a device, nobody holds them, and a pending operator may still read them;
 * - spare: the next call of their function writes its results over them.
 */

/** Old values of the variables that a call assigned. */
export interface Replaced {
  /** Lets go of them. */
  discard(): void;
  /** Gives them back to these variables, as far as nobody has assigned others since. */
  undo(variables: ReadonlySet<Variable>): void;
}

/**
 * Results of a compiled function that nobody holds any more. The next call's results are written into them; the garbage
 * collector gets what that call does not take, so that never more is kept than one call gave.
 */
export class Spares {
  readonly #tensors = new Map<string, OrtTensor[]>();
  #replaced: Replaced | undefined;

  /** Keeps what a call replaced until the next one. */
  keep(replaced: Replaced): void {
    this.#replaced = replaced;
  }

  /** Takes back what the last call replaced. */
  reclaim(): void {
    this.#replaced?.discard();
    this.#replaced = undefined;
  }

  /** Gives variables what they had before the last call. */
  undo(variables: readonly Variable[]): void {
    this.#replaced?.undo(new Set(variables));
  }

  /** Claims the elements of a leaf, `tensor` as the graph made them. @param key type and shape */
  claim(leaf: Leaf, key: string, tensor: OrtTensor): void {
    leaf.claim = () => {
      const tensors = this.#tensors.get(key);
      if (tensors) tensors.push(tensor);
      else this.#tensors.set(key, [tensor]);
    };
  }

  take(key: string): OrtTensor | undefined {
    // The oldest: results take turns between the same two places then, for which a device can capture a run.
    return this.#tensors.get(key)?.shift();
  }

  /** Frees what was not taken. */
  clear(): void {
    for (const tensor of [...this.#tensors.values()].flat()) if (tensor.location === 'device') tensor.elements.free();
    this.#tensors.clear();
  }
}

/** Ends a claim: from now on somebody may keep the value or its elements. */
export function share<V extends Value>(value: V): V {
  if (value.kind === 'leaf') value.claim = undefined;
  else if (value.kind === 'pending') value.isShared = true;
  return value;
}

/** Memory of a backend's tensors that lies on a device. */
export class DeviceMemory {
  readonly #pinned = new WeakSet<DeviceElements>();
  readonly #released: DeviceElements[] = [];

  /** Leaves a tensor's memory to the garbage collector: more than one leaf has it, perhaps under two shapes. */
  pin(tensor: OrtTensor): void {
    if (tensor.location === 'device') this.#pinned.add(tensor.elements);
  }

  /** Takes back a value that nobody holds any more: a compiled function's result becomes its spare, a device's waits. */
  release(value: Value): void {
    if (value.kind !== 'leaf') return;
    const { tensor, claim } = value;
    if (claim) claim();
    else if (tensor.location === 'device' && !this.#pinned.has(tensor.elements)) this.#released.push(tensor.elements);
  }

  /** Frees what was released. No pending operator may read it. */
  free(): void {
    for (const elements of this.#released) elements.free();
    this.#released.length = 0;
  }
}
