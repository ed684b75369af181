import { textTable } from '@dynact/command-line';
import { type Comparison, formatValue, lastPaired, perplexity, verdictSentence } from '@dynact/runs/records';
import {
  evaluationTable,
  pairedTable,
  type SampledRun,
  sampleLine,
  shownSamples,
  type Table,
} from '@dynact/runs/report';

/** A comparison as text: the metric of every run and the mean of every variant, the differences, and what they mean. */
export function describeComparison(comparison: Comparison): string {
  const { metric, dataset, unigramPerplexity, paired, seeds } = comparison;
  const unigrams = (value: number) =>
    `unigram perplexity ${formatValue(perplexity, value)} (the validation split under the training split's frequencies)`;
  return [
    `validation ${metric.name}${metric.unit === '' ? '' : ` (${metric.unit})`} on ${dataset}`,
    asText(evaluationTable(comparison)),
    ...(seeds.length < 2 ? [] : ['± standard deviation over the seeds']),
    ...(unigramPerplexity === undefined ? [] : [unigrams(unigramPerplexity)]),
    '',
    ...(paired.length === 0 ? [] : [asText(pairedTable(comparison)), '']),
    ...lastPaired(comparison).map((result) => verdictSentence(comparison, result)),
  ].join('\n');
}

function asText({ heads, rows }: Table): string {
  return textTable([heads, ...rows.map(({ cells }) => cells.map(({ text }) => text))]);
}

/** The texts that the first run of every variant wrote, a line for each sample; empty where none did. */
export function describeSamples(runs: readonly SampledRun[]): string {
  return shownSamples(runs)
    .map(({ variant, seed, records }) => {
      const width = Math.max(...records.map(({ step }) => String(step).length));
      const lines = records.map((record) => `  step ${String(record.step).padStart(width)}  ${sampleLine(record)}`);
      return [`\n${variant} seed ${seed} wrote`, ...lines].join('\n');
    })
    .join('\n');
}
