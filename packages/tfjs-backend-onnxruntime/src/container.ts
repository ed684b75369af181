import { Tensor } from '@tensorflow/tfjs-core';

/** A value, or arrays and plain objects of values: what a function of tensors may return. */
export type Container<T> = T | unknown | Container<T>[] | { [key: string]: Container<T> };

/** What stands in for a tensor in a mapped container. */
class Slot<T> {
  readonly item: T;
  constructor(item: T) {
    this.item = item;
  }
}

/**
 * Replaces every tensor of a container, or everything an earlier call put in a tensor's place.
 * `map` may return a tensor, which then stands in the container itself.
 */
export function mapTensors<From, To>(container: Container<From>, map: (item: From) => To): Container<To> {
  const visit = (node: unknown): unknown => {
    if (node instanceof Tensor) return wrap(map(node as From));
    if (node instanceof Slot) return wrap(map(node.item as From));
    if (Array.isArray(node)) return node.map(visit);
    if (node !== null && typeof node === 'object' && Object.getPrototypeOf(node) === Object.prototype) {
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visit(value)]));
    }
    return node;
  };
  return visit(container);
}

function wrap<T>(item: T): unknown {
  return item instanceof Tensor ? item : new Slot(item);
}
