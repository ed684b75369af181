import { resolve } from 'node:path';
import { trainHere } from '@dynact/comparison';
import { locateCheckpoint } from '@dynact/runs';
import type { Summary } from '@dynact/runs/records';
import { mergeConfig, parseConfig, startingFrom, type TrainEvent } from '@dynact/training';
import { resolveModelConfig } from '@dynact/transformer';
import { claimRunFolder } from './run-folders.ts';
import { loadOwn, prepare, program, rawConfig, refuseUnknown, type Settings, settingNames } from './settings.ts';

export interface TrainOptions extends Settings {
  /** Seed of every random stream. */
  readonly seed?: number;
  /** The block between attentions: `swiglu`, `mish` as a gate, `mlp.mish` without one, or a plugin's name. */
  readonly feedForward?: string;
  /** A run folder, or a checkpoint folder, to begin with: its weights, and with them its model and its tokens. */
  readonly from?: string;
  /** The run folder; by default `runs/train-<number>` in the working folder. */
  readonly out?: string;
  readonly onEvent?: (event: TrainEvent) => void;
  /** Aborting it saves after the step in progress. */
  readonly signal?: AbortSignal;
}

const names = {
  ...settingNames,
  seed: true,
  feedForward: true,
  from: true,
  out: true,
  onEvent: true,
  signal: true,
} satisfies Record<keyof TrainOptions, true>;

/** A run that has ended. */
export interface TrainedRun {
  /** The run folder. */
  readonly directory: string;
  /** Losses in nats per token, perplexity, speed; `status` is `diverged` where the loss was no longer finite or had blown up. */
  readonly summary: Summary;
}

/**
 * Trains a model on a text. Called again with the same `out`, it goes on with what is there, or returns it at once where it has ended.
 * @param text a text file, a folder of them, or the name of a definition
 * @throws InputError for whatever the caller can mend; the signal's reason where it is aborted
 */
export async function train(text: string, options: TrainOptions = {}): Promise<TrainedRun> {
  const { seed, feedForward, from, out, onEvent, signal } = options;
  refuseUnknown('train', options, names);
  const source = from === undefined ? undefined : locateCheckpoint(resolve(from)).run;
  loadOwn(options, source && [{ where: source.directory, plugins: source.config.plugins ?? [] }]);
  const own = {
    ...(seed !== undefined && { seed }),
    ...(feedForward !== undefined && { model: { feedForward: { kind: feedForward } } }),
  };
  const first = from === undefined ? {} : startingFrom(resolve(from));
  const config = parseConfig(mergeConfig(mergeConfig(first, rawConfig(text, options)), own));
  // Before anything is prepared or made: what is wrong across fields.
  resolveModelConfig(config.model, config.dataset.vocabSize);
  const dataset = await prepare(config, options, signal);
  try {
    const directory = out === undefined ? claimRunFolder(resolve('runs'), 'train') : resolve(out);
    const watched = { ...(onEvent && { onEvent }), ...(signal && { signal }) };
    const run = { config, dataset, directory, resume: 'if-there', program: program(), ...watched } as const;
    const result = await trainHere(run);
    if (result.status !== 'interrupted') return { directory, summary: result.summary };
    throw signal!.reason;
  } finally {
    dataset.close();
  }
}
