import { type Comparison, lastPaired } from '@dynact/runs/records';
import { renderComparisonChart, renderDifferencesChart } from '@dynact/runs/report';
import { type Comparisons, isTuning } from './study.ts';

/** Parts with curves of their own; where there are more, the differences at the end say what curves would. */
const mostCurves = 2;
/** Evaluations that make a curve, besides that before the first step. */
const fewestPoints = 3;

/** A figure of a page. */
export interface Figure {
  /** Behind the page's name, in the file's; a page's name has no dot. */
  readonly suffix: string;
  /** For readers who do not see it. */
  readonly alternative: string;
  draw(): Promise<string | undefined>;
}

/** Figures of a study: final differences, and curves over steps where there are few parts. */
export function figuresOf(comparisons: Comparisons): Figure[] {
  const compared: [string, Comparison][] = [...comparisons].filter(
    ([part, comparison]) =>
      !isTuning(part) && lastPaired(comparison).some(({ meanDifference }) => meanDifference !== null),
  );
  if (compared.length === 0) return [];
  const long = compared.filter(([, { evaluationSteps }]) => evaluationSteps.length >= fewestPoints);
  const curves = long.map(([part, comparison]) => ({
    suffix: `.${part}`,
    alternative: `${part}: ${comparison.metric.name} over steps, and differences with 95 % intervals`,
    draw: () => renderComparisonChart(comparison),
  }));
  const differences = {
    suffix: '',
    alternative: 'Differences at the end, with 95 % intervals',
    draw: () => renderDifferencesChart(new Map(compared)),
  };
  return [differences, ...(curves.length <= mostCurves ? curves : [])];
}
