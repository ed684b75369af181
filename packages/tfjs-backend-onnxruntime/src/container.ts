import { Tensor } from '@tensorflow/tfjs-core';

/** Place of a tensor in a template. */
const place = Symbol('tensor');

/** A container taken apart: its tensors, depth first, and everything else with places for them. */
export interface Flat {
  readonly tensors: readonly Tensor[];
  readonly template: unknown;
}

/** Takes the tensors out of nested arrays and plain objects. */
export function flatten(container: unknown): Flat {
  const tensors: Tensor[] = [];
  const template = mapLeaves(container, (leaf) => {
    if (!(leaf instanceof Tensor)) return leaf;
    tensors.push(leaf);
    return place;
  });
  return { tensors, template };
}

/** Puts as many tensors as were taken out into the places of a template. */
export function unflatten(template: unknown, tensors: readonly Tensor[]): unknown {
  let next = 0;
  return mapLeaves(template, (leaf) => (leaf === place ? tensors[next++] : leaf));
}

/**
 * Writes the structure of nested arrays and plain objects as text that differs wherever they do.
 * @param leafText text of everything else, at a path such as `argument 2.masks[3]`
 */
export function structureText(node: unknown, path: string, leafText: (leaf: unknown, path: string) => string): string {
  if (Array.isArray(node)) return `[${node.map((child, at) => structureText(child, `${path}[${at}]`, leafText))}]`;
  if (!isPlainObject(node)) return leafText(node, path);
  const fields = Object.entries(node).map(
    ([key, child]) => `${JSON.stringify(key)}:${structureText(child, `${path}.${key}`, leafText)}`,
  );
  return `{${fields}}`;
}

function mapLeaves(node: unknown, map: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(node)) return node.map((child) => mapLeaves(child, map));
  if (!isPlainObject(node)) return map(node);
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, mapLeaves(child, map)]));
}

function isPlainObject(node: unknown): node is Record<string, unknown> {
  if (node === null || typeof node !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}
