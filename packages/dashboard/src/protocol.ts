/** Messages of the server to the page. No node: import, no zod: both sides hold to these types. */
import type { Comparison } from '@dynact/runs/records';

/** Quantities that a chart's horizontal axis may show. */
export const axes = ['step', 'tokens', 'time', 'flops'] as const;
export type Axis = (typeof axes)[number];

export type RunState = 'running' | 'stopped' | 'finished' | 'diverged' | 'unreadable';

/** One run of the overview. */
export interface RunRow {
  /** Names the run to the server; no path. */
  readonly id: string;
  /** The folder, from the one that was named to the server. */
  readonly name: string;
  /** The folder that the run lies in: runs of one are neighbors. */
  readonly group: string;
  readonly state: RunState;
  readonly step: number;
  /** All steps of the run; null where its configuration does not say. */
  readonly steps: number | null;
  readonly msLeft: number | null;
  /** When the log last changed, in milliseconds since 1970. */
  readonly updated: number;
  /** Last value by series: `train/loss`, `validation/perplexity`. */
  readonly values: Readonly<Record<string, number>>;
  /** Settings in which neighbors differ, with this run's value. */
  readonly differs: readonly (readonly [key: string, value: string])[];
  readonly flopsPerToken: number | null;
  /** Why something of it cannot be read. */
  readonly problem: string | null;
}

/** One comparison of the overview. */
export interface ComparisonRow {
  readonly id: string;
  readonly name: string;
  readonly dataset: string;
  readonly baseline: string;
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  /** Its runs that have begun, by id. */
  readonly runs: readonly { readonly id: string; readonly variant: string; readonly seed: number }[];
  readonly ended: number;
  readonly updated: number;
  readonly problem: string | null;
}

export interface Listing {
  readonly runs: readonly RunRow[];
  readonly comparisons: readonly ComparisonRow[];
}

/** Rows that are new or changed since the last listing, and the ids of those that are gone. */
export interface ListingPatch extends Listing {
  readonly gone: readonly string[];
}

/**
 * Points of one series from step `from` on; what the page has from there is replaced. A point stands for a bucket of steps:
 * its last step, tokens, milliseconds and value, and the extremes where it holds more than one value.
 */
export interface SeriesPatch {
  readonly from: number;
  readonly step: readonly number[];
  readonly tokens: readonly number[];
  readonly ms: readonly number[];
  readonly last: readonly number[];
  readonly min?: readonly number[];
  readonly max?: readonly number[];
}

/** A line of the log of events. */
export interface RunEvent {
  readonly step: number;
  readonly text: string;
}

export interface RunSample {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
}

/** Parts of a run that are no curves. */
export interface RunDetail {
  readonly samples: readonly RunSample[];
  readonly events: readonly RunEvent[];
  /** config.json as text; null where it cannot be read. */
  readonly config: string | null;
  readonly machine: readonly (readonly [name: string, value: string])[];
}

export interface RunPatch {
  readonly run: string;
  /** Whether all that the page has of the run is dropped first. */
  readonly reset: boolean;
  readonly series: Readonly<Record<string, SeriesPatch>>;
  readonly detail?: RunDetail;
}

/** A comparison as far as its logs go. */
export interface LiveComparison {
  readonly id: string;
  readonly comparison: Comparison;
  readonly isOver: boolean;
}

/** One event of the stream; `reading` counts the logs that are still being read for the first time. */
export type StreamMessage =
  | { readonly kind: 'listing'; readonly patch: ListingPatch }
  | { readonly kind: 'runs'; readonly patches: readonly RunPatch[]; readonly reading: number }
  | { readonly kind: 'comparison'; readonly live: LiveComparison };
