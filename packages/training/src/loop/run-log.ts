import { FollowedRun, TensorBoardLog, type WritableRun } from '@dynact/runs';
import type { MetricsRecord } from '@dynact/runs/records';
import type { RunState } from './run-state.ts';

/** The log of a run, in metrics.jsonl and for TensorBoard, and its clock. */
export class RunLog {
  readonly #folder: WritableRun;
  /** Undefined where another process writes it. */
  readonly #tensorBoard: TensorBoardLog | undefined;
  readonly #state: RunState;
  readonly #tokensPerStep: number;
  readonly #onRecord: (record: MetricsRecord) => void;
  readonly #startedAt: number;

  /** Goes on from the state, to which the folder's log must be cut back. */
  constructor(
    folder: WritableRun,
    state: RunState,
    options: { tokensPerStep: number; onRecord: (record: MetricsRecord) => void },
  ) {
    this.#folder = folder;
    this.#state = state;
    this.#tokensPerStep = options.tokensPerStep;
    this.#onRecord = options.onRecord;
    this.#startedAt = performance.now() - state.elapsedMs;
    this.#tensorBoard =
      folder instanceof FollowedRun ? undefined : new TensorBoardLog(folder, Date.now() - state.elapsedMs);
  }

  /** How far the run is by now, as records say it. */
  position(): { step: number; tokens: number; elapsedMs: number } {
    const { step } = this.#state;
    this.#state.elapsedMs = performance.now() - this.#startedAt;
    return { step, tokens: step * this.#tokensPerStep, elapsedMs: this.#state.elapsedMs };
  }

  append(record: MetricsRecord): void {
    this.#folder.append(record);
    this.#tensorBoard?.append(record);
    this.#onRecord(record);
  }

  close(): void {
    this.#tensorBoard?.close();
  }
}
