import { duration } from '@dynact/command-line/duration';
import { metricWords } from '@dynact/runs/records';
import type { Axis } from '../protocol.ts';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `12,345`: one format for all numbers, of which a page shows hundreds with every message. */
export function count(value: number): string {
  return whole.format(Math.round(value));
}

/** A number for people: as many digits as say something. */
export function figure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(3).replace('e+', 'e');
  if (size >= 1000) return count(value);
  return Number.isInteger(value) ? `${value}` : value.toPrecision(size >= 1 ? 4 : 3);
}

/** `12 500 000` as `12.5 M`: labels of an axis. */
export function short(value: number): string {
  const size = Math.abs(value);
  const units = [
    [1e18, 'E'],
    [1e15, 'P'],
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  for (const [unit, letter] of units) if (size >= unit) return `${Number((value / unit).toPrecision(4))} ${letter}`;
  return `${Number(value.toPrecision(4))}`;
}

/** How long ago, for people. */
export function ago(milliseconds: number): string {
  const seconds = Math.max(0, (Date.now() - milliseconds) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

export const axisNames: Readonly<Record<Axis, string>> = {
  step: 'step',
  tokens: 'tokens',
  time: 'training time',
  flops: 'FLOPs',
};

export function axisValue(axis: Axis, value: number): string {
  if (axis === 'time') return value > 0 && value < 10 ? `${Number(value.toFixed(1))} s` : duration(value * 1000);
  return axis === 'step' ? count(value) : short(value);
}

/** `train/tokensPerSecond` as `tokens per second`, `validation/perplexity` as `validation perplexity`. */
export function seriesName(series: string): string {
  const [place = '', name = ''] = series.split('/');
  const words = metricWords(name);
  return place === 'train' && name !== 'loss' ? words : `${place} ${words}`;
}
