import type { OrtTensor } from './runtime/native.ts';

/**
 * Results of a compiled function that nobody holds any more. The next call's results are written into them; what that
 * call does not take is left to the garbage collector, so that never more is kept than one call gave.
 */
export class Spares {
  readonly #tensors = new Map<string, OrtTensor[]>();

  get isEmpty(): boolean {
    return this.#tensors.size === 0;
  }

  /** @param key what tensors of the same type and shape share */
  add(key: string, tensor: OrtTensor): void {
    const tensors = this.#tensors.get(key);
    if (tensors) tensors.push(tensor);
    else this.#tensors.set(key, [tensor]);
  }

  take(key: string): OrtTensor | undefined {
    return this.#tensors.get(key)?.pop();
  }

  clear(): void {
    this.#tensors.clear();
  }
}
