import type { Comparison } from '@dynact/runs/records';
import { renderComparisonChart, renderDifferencesChart } from '@dynact/runs/report';
import type { Comparisons } from './study.ts';

/** Parts with curves of their own; where there are more, the differences at the end say what curves would. */
const mostCurves = 2;
/** Evaluations that make a curve, besides that before the first step. */
const fewestPoints = 3;

/** A figure of a page. */
export interface Figure {
  /** Behind the page's name, in the file's. */
  readonly suffix: string;
  readonly text: string;
  draw(): Promise<string>;
}

/** Figures of a study: final differences, and curves over steps where there are few parts. */
export function figuresOf(comparisons: Comparisons): Figure[] {
  const compared: [string, Comparison][] = [...comparisons].filter(([part]) => !part.startsWith('tuning'));
  const differences = {
    suffix: '',
    text: 'Differences at the end, with 95 % intervals',
    draw: async () => (await renderDifferencesChart(new Map(compared))) ?? '',
  };
  const long = compared.filter(([, { evaluationSteps }]) => evaluationSteps.length >= fewestPoints);
  const curves = long.map(([part, comparison]) => ({
    suffix: `-${part}`,
    text: `${part}: ${comparison.metric.name} over steps, and differences with 95 % intervals`,
    draw: () => renderComparisonChart(comparison),
  }));
  return [differences, ...(curves.length <= mostCurves ? curves : [])];
}
