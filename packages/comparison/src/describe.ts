import { textTable } from '@dynact/command-line';
import { type Comparison, lastPaired, meanAndDeviation, verdictSentence } from '@dynact/runs/records';
import { evaluatedSteps, formatPerplexity, type SampledRun, sampleLine, shownSamples } from '@dynact/runs/report';

/** A comparison as text: perplexity of every run and the mean of every variant, the differences, and what they mean. */
export function describeComparison(comparison: Comparison): string {
  const steps = evaluatedSteps(comparison);
  const rows = comparison.variants.flatMap(({ name, runs }) => {
    const cells = (values: (step: number) => string) => steps.map(values);
    const at = (step: number) => runs.flatMap(({ evaluations }) => evaluations.filter((point) => point.step === step));
    const each = runs.map(({ seed, status, evaluations }) => [
      `${name} seed ${seed}${status === 'diverged' ? ' (diverged)' : ''}`,
      ...cells((step) => {
        const point = evaluations.find((evaluation) => evaluation.step === step);
        return point === undefined ? '-' : formatPerplexity(point.perplexity);
      }),
    ]);
    const mean = cells((step) => {
      const summary = meanAndDeviation(at(step).map(({ perplexity }) => perplexity));
      if (summary === null) return '-';
      return `${formatPerplexity(summary.mean)}${summary.deviation === null ? '' : ` ±${formatPerplexity(summary.deviation)}`}`;
    });
    const bits = cells(
      (step) => meanAndDeviation(at(step).map(({ bitsPerByte }) => bitsPerByte))?.mean.toFixed(3) ?? '-',
    );
    return [...each, [`${name} mean`, ...mean], [`${name} bits per byte`, ...bits]];
  });
  const paired = comparison.paired.map((result) => [
    `${result.variant} - ${result.baseline}`,
    String(result.step),
    String(result.n),
    result.meanLossDifference?.toFixed(4) ?? '-',
    result.ci95 === null ? '-' : `${result.ci95[0].toFixed(4)} to ${result.ci95[1].toFixed(4)}`,
    result.pValue?.toFixed(3) ?? '-',
    result.relativePerplexityReduction === null ? '-' : `${(100 * result.relativePerplexityReduction).toFixed(2)} %`,
  ]);
  const heads = ['loss difference (nats)', 'step', 'seeds', 'mean', '95 % interval', 'p', 'perplexity lower by'];
  return [
    `validation perplexity on ${comparison.dataset}`,
    textTable([['', ...steps.map((step) => `step ${step}`)], ...rows]),
    `unigram perplexity ${formatPerplexity(comparison.unigramPerplexity)} (the validation split under the training split's frequencies)`,
    '',
    ...(paired.length === 0 ? [] : [textTable([heads, ...paired]), '']),
    ...lastPaired(comparison).map((result) => verdictSentence(comparison, result)),
  ].join('\n');
}

/** What the first run of every variant wrote, a line for each sample; empty where none did. */
export function describeSamples(runs: readonly SampledRun[]): string {
  return shownSamples(runs)
    .map(({ variant, seed, records }) => {
      const width = Math.max(...records.map(({ step }) => String(step).length));
      const lines = records.map((record) => `  step ${String(record.step).padStart(width)}  ${sampleLine(record)}`);
      return [`\n${variant} seed ${seed} wrote`, ...lines].join('\n');
    })
    .join('\n');
}
