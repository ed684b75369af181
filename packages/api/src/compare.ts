import { relative, resolve } from 'node:path';
import { shareOfCores } from '@dynact/backends';
import { commandLine, shellWord } from '@dynact/command-line';
import {
  ComparisonFolder,
  comparedCorpus,
  type OnRunEvent,
  Processes,
  planComparison,
  trainComparison,
} from '@dynact/comparison';
import { InputError } from '@dynact/files';
import type { Comparison } from '@dynact/runs/records';
import { mergeConfig } from '@dynact/training';
import { claimRunFolder } from './run-folders.ts';
import { loadOwn, prepare, program, rawConfig, refuseUnknown, type Settings, settingNames } from './settings.ts';

export interface CompareOptions extends Settings {
  /** Blocks, the baseline first: `swiglu`, `mish` as a gate, `mlp.mish` without one, or a plugin's name. */
  readonly variants?: readonly string[];
  /** One run of every variant for each. */
  readonly seeds?: readonly number[];
  /** Runs at a time, each in a process of its own with its share of the cores; by default as the configuration says. */
  readonly jobs?: number;
  /** The comparison's folder; by default `runs/comparison-<number>` in the working folder. */
  readonly out?: string;
  readonly onEvent?: OnRunEvent;
  /** Aborting it saves the runs in progress. */
  readonly signal?: AbortSignal;
}

const names = {
  ...settingNames,
  variants: true,
  seeds: true,
  jobs: true,
  out: true,
  onEvent: true,
  signal: true,
} satisfies Record<keyof CompareOptions, true>;

/**
 * Trains variants on the same batches and compares them. Called again with the same `out`, only what is missing is trained.
 * @param text a text file, a folder of them, or the name of a definition
 * @returns losses of every run at fixed steps, and paired differences; the folder has them as report.html too
 * @throws InputError for whatever the caller can mend; Interrupted where the signal is aborted
 */
export async function compare(text: string, options: CompareOptions = {}): Promise<Comparison> {
  const { variants, seeds, jobs, out, onEvent = () => {}, signal = new AbortController().signal } = options;
  refuseUnknown('compare', options, names);
  loadOwn(options);
  const named = variants?.map((kind) => [kind, { model: { feedForward: { kind } } }]);
  const comparison = {
    ...(jobs !== undefined && { jobs }),
    ...(named && { variants: Object.fromEntries(named), baseline: variants![0] }),
    ...(seeds && { seeds }),
  };
  const plan = planComparison(mergeConfig(rawConfig(text, options), { comparison }));
  const { jobs: atATime, executor: place } = plan.config.comparison;
  if (place.kind !== 'processes') {
    throw new InputError(
      'configuration',
      `comparison.executor: ${place.kind} is for the command dynact submit; this function trains here, leave it out`,
    );
  }
  const dataset = await prepare(plan.config, options, signal);
  try {
    const corpus = comparedCorpus(dataset);
    const directory = out === undefined ? claimRunFolder(resolve('runs'), 'comparison') : resolve(out);
    const folder = ComparisonFolder.open(directory, plan, corpus.tokens);
    try {
      await folder.workersGone(() => {});
      const threads = shareOfCores(atATime, plan.config.backend.threads);
      const executor = new Processes(atATime, onEvent);
      const made = {
        program: program(),
        command: commandLine(`node ${shellWord(relative('.', process.argv[1] ?? ''))}`),
      };
      return await trainComparison(plan, folder, { dataset, corpus, executor, threads, ...made, signal });
    } finally {
      folder.close();
    }
  } finally {
    dataset.close();
  }
}
