import type { TrainEvent } from '@dynact/training';

/** How a job ended: with a result, or with the reason why there is none. */
export type WorkerOutcome =
  | { readonly kind: 'result' }
  | { readonly kind: 'error'; readonly message: string; readonly isWrongInput: boolean };

/** A worker's messages to its parent. */
export type WorkerMessage = { readonly kind: 'event'; readonly event: TrainEvent } | WorkerOutcome;

/** The outcome of a job that threw. */
export function failureOf(error: unknown): Extract<WorkerOutcome, { kind: 'error' }> {
  const isWrongInput = error instanceof Error && 'exitCode' in error && error.exitCode === 2;
  const message = error instanceof Error ? ((isWrongInput ? undefined : error.stack) ?? error.message) : String(error);
  return { kind: 'error', message, isWrongInput };
}
