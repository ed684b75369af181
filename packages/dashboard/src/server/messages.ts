import type { Axis } from '../protocol.ts';

/** Subjects that a page wants to be told of. */
export interface Wish {
  /** Ids of runs. */
  readonly runs: readonly string[];
  readonly comparison: string | null;
  /** Points of a series at most. */
  readonly points: number;
  /** Whether samples, events and the configuration are wanted, too. */
  readonly detail: boolean;
  /** Where the page was told of each run before its connection broke: `offset@inode`, in the order of `runs`. */
  readonly seen: readonly string[];
}

/** A part of the runs' curves, in more detail. */
export interface ZoomWish {
  readonly runs: readonly string[];
  readonly axis: Axis;
  readonly low: number;
  readonly high: number;
  readonly points: number;
}

/** To the worker. */
export type Request =
  | { readonly kind: 'prepare' }
  | { readonly kind: 'open'; readonly stream: number; readonly wish: Wish }
  | { readonly kind: 'close'; readonly stream: number }
  | { readonly kind: 'zoom'; readonly question: number; readonly wish: ZoomWish };

/** From the worker: texts that go on as they are. */
export type Reply =
  | { readonly kind: 'event'; readonly stream: number; readonly text: string; readonly position: string | null }
  | { readonly kind: 'answer'; readonly question: number; readonly text: string };
