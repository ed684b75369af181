import { expect, test } from 'vitest';
import { evaluationSteps, parseConfig } from '../src/index.ts';

const stepsOf = (training: object) => evaluationSteps(parseConfig({ training }).training);

test.each([
  [{ steps: 10 }, [0, 3, 5, 8, 10]],
  [{ steps: 10, evaluation: { every: 4 } }, [0, 4, 8, 10]],
  [{ steps: 10, evaluation: { steps: [7, 2, 2] } }, [0, 2, 7, 10]],
  [{ steps: 10, evaluation: { steps: [] } }, [0, 10]],
  [
    { steps: 1_000_000_000, evaluation: { every: 250_000_000 } },
    [0, 250_000_000, 500_000_000, 750_000_000, 1_000_000_000],
  ],
])('%j is evaluated at %j', (training, steps) => {
  expect(stepsOf(training)).toEqual(steps);
});

test.each([
  [{ steps: 10, evaluation: { steps: [11] } }, /evaluation\.steps: step 11 lies beyond training\.steps 10/],
  [{ steps: 10, evaluation: { steps: [1], every: 1 } }, /give either steps or every/],
  // The list of them did not fit into memory.
  [{ steps: 1_000_000_000, evaluation: { every: 1 } }, /every: 1 makes 1000000000 evaluations; use at least 10000$/],
])('%j is refused', (training, message) => {
  expect(() => stepsOf(training)).toThrow(message);
});
