import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { activationDocumentation, activationNames } from '../../src/registry.ts';
import { allChecks, secondDerivatives, type Tolerance } from './checks.ts';
import { rows } from './rows.ts';
import { shapeSuite } from './shapes.ts';

/** Every registered activation and its gate on one backend, against float64 formulas. */
export function backendSuite(backend: string, tolerance: Tolerance, prepare: () => Promise<void>): void {
  beforeAll(async () => {
    await prepare();
    expect(tf.getBackend()).toBe(backend);
  });

  test('has a row for every registered activation', () => {
    expect(Object.keys(rows).sort()).toEqual([...activationNames()].sort());
  });

  describe.each(Object.keys(rows))(`%s on ${backend}`, (name) => {
    for (const { label, run } of allChecks().filter((check) => check.name === name)) test(label, () => run(tolerance));
  });

  describe(`shapes on ${backend}`, shapeSuite);
}

/** grad(grad(f)) of every smooth activation. */
export function secondOrderSuite(): void {
  for (const [name, cases] of Object.entries(rows)) {
    for (const row of cases.filter(({ smooth }) => smooth)) {
      test(`grad(grad(${name})) ${JSON.stringify(row.options ?? {})}`, () => secondDerivatives(name, row));
    }
  }

  test('covers the activations that are documented as smooth', () => {
    for (const [name, [first]] of Object.entries(rows)) {
      expect(activationDocumentation(name).smooth, name).toBe(first!.smooth);
    }
  });
}
