import type { Comparison } from '@dynact/runs/records';

/** The comparisons of a study by the name of its part: a depth, a data set. */
export type Comparisons = ReadonlyMap<string, Comparison>;

/** Whether a part finds settings for others, and says nothing of the claim. */
export function isTuning(part: string): boolean {
  return part.startsWith('tuning');
}

/** How a study is to be run. */
export interface StudyOptions {
  /** The folder of its comparisons. */
  readonly out: string;
  /** `quick` sees whether everything works, `full` is the paper's size. */
  readonly size: 'quick' | 'default' | 'full';
  /** Settings as `key=value`. */
  readonly set: readonly string[];
  readonly seeds?: readonly number[];
  /** Runs at a time, each in a process of its own; 0 for one after another in this process. */
  readonly jobs: number;
  readonly signal: AbortSignal;
}

/** An experiment of a paper. */
export interface Study {
  readonly name: string;
  /** Claim of the paper. */
  readonly claim: string;
  /**
   * Where the figures come from, and what we chose where the paper says nothing.
   * @param described a variant, as config.json of a part's folder has it
   */
  chosen(described: unknown): string;
  /** Trains what is missing in the folder, and compares. */
  run(options: StudyOptions): Promise<Comparisons>;
  /** Tables and the verdict on the claim, as Markdown. */
  describe(comparisons: Comparisons): string;
}
