import type { z } from 'zod';
import type { metricSchema } from './metric-schema.ts';

/** The figure that a comparison is about. Its schema lies apart: a page in a browser computes with metrics, and checks none. */
export type Metric = z.infer<typeof metricSchema>;

/** exp(cross-entropy in nats per token). */
export const perplexity: Metric = { name: 'perplexity', unit: '', lowerIsBetter: true, scale: 'exponential' };

/** The name of a metric for people: `bitsPerByte` as `bits per byte`. */
export function metricWords(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** The value of an evaluation whose differences are compared; null where it has none. */
export function comparedValue(
  { name, scale }: Metric,
  { loss, metrics }: { readonly loss: number; readonly metrics: Readonly<Record<string, number>> },
): number | null {
  return scale === 'exponential' ? loss : (metrics[name] ?? null);
}

/** Name of the figure that is subtracted: the loss of an exponential metric, else the metric itself. */
export function comparedName({ scale, name }: Metric): string {
  return scale === 'exponential' ? 'loss' : name;
}

/** The unit of differences: nats, points (of per cent), or the metric's own; empty for pure numbers. */
export function differenceUnit({ scale, unit }: Metric): string {
  if (scale === 'exponential') return 'nats';
  return unit === '%' ? 'points' : unit;
}

/** A value of the metric for people: fewer decimals where the number is large. */
export function formatValue({ scale, unit }: Metric, value: number): string {
  if (Math.abs(value) >= 1e15) return value.toExponential(2);
  if (Math.abs(value) >= 1000) return value.toFixed(0);
  if (Math.abs(value) >= 100) return value.toFixed(1);
  return fixed(value, scale === 'exponential' || unit === '%' ? 2 : 4);
}

/** How large a mean difference is, for people: a share of an exponential metric, else the difference itself. */
export function formatDifference(metric: Metric, difference: number): string {
  if (metric.scale === 'exponential') return percent(Math.abs(reductionOf(difference)));
  return `${fixed(Math.abs(difference), metric.unit === '%' ? 2 : 4)} ${differenceUnit(metric)}`.trimEnd();
}

/** Whether a mean difference is too small for the digits that people are shown: then it is none. */
export function roundsToNothing(metric: Metric, difference: number): boolean {
  return Number.parseFloat(formatDifference(metric, difference)) === 0;
}

/** The share by which an exponential metric is lower at a difference of losses in nats. */
export function reductionOf(difference: number): number {
  return 1 - Math.exp(difference);
}

/** A share as per cent with two decimals. */
export function percent(share: number): string {
  return `${fixed(100 * share, 2)} %`;
}

/** A p-value for people. */
export function formatP(value: number | null): string {
  if (value === null) return '–';
  return value < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

/** With that many decimals; zero has no sign. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text;
}
