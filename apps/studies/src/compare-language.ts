import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shareOfCores } from '@dynact/backends';
import { commandLine, createProgress, datasetsFolder } from '@dynact/command-line';
import {
  ComparisonFolder,
  comparedCorpus,
  InProcess,
  type OnRunEvent,
  Processes,
  planComparison,
  trainComparison,
  trainJob,
} from '@dynact/comparison';
import { type PreparedDataset, prepareDataset } from '@dynact/data';
import type { ActivationRecord, Comparison } from '@dynact/runs/records';
import type { RawConfig } from '@dynact/training';
import { programIdentity } from './identity.ts';
import type { StudyOptions } from './study.ts';

const clone = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** A comparison of language models, and the last values of each run's activation parameters. */
export interface LanguageComparison {
  readonly comparison: Comparison;
  activations(variant: string, seed: number): readonly ActivationRecord[];
}

/** Trains what a comparison of language models lacks, as `dynact compare` does. */
export async function compareLanguage(
  raw: RawConfig,
  directory: string,
  { jobs: limit, signal }: Pick<StudyOptions, 'jobs' | 'signal'>,
): Promise<LanguageComparison> {
  const plan = planComparison(raw, 'language-gates');
  const dataset = await prepare(plan.config.dataset);
  const corpus = comparedCorpus(dataset);
  const folder = ComparisonFolder.open(directory, plan, corpus.tokens);
  try {
    await folder.workersGone((message) => process.stderr.write(`${message}\n`));
    const missing = plan.runs.filter((run) => folder.state(run) !== 'ended').length;
    const progress = createProgress();
    const line = progress.line('language-gates, steps', missing * plan.config.training.steps);
    let done = 0;
    const onEvent: OnRunEvent = (name, event) => {
      if (event.kind !== 'record' || event.record.kind !== 'train') return;
      done += 1;
      line.update(done, `${name}: loss ${event.record.loss.toFixed(3)}`);
    };
    const executor = limit === 0 ? new InProcess(trainJob, onEvent) : new Processes(limit, onEvent);
    const threads = shareOfCores(limit);
    const program = programIdentity();
    const comparison = await trainComparison(plan, folder, {
      dataset,
      corpus,
      executor,
      threads,
      program,
      command: commandLine('pnpm study'),
      signal,
    }).finally(() => progress.stop());
    const finished = folder.finishedRuns();
    const activations = (variant: string, seed: number) => {
      const run = finished.find(({ planned }) => planned.variant === variant && planned.seed === seed);
      const records = run?.reader.records().filter((record) => record.kind === 'activation') ?? [];
      return records.filter(({ step }) => step === comparison.steps);
    };
    return { comparison, activations };
  } finally {
    folder.close();
    dataset.close();
  }
}

async function prepare({ name, encoding, vocabSize }: DatasetConfig): Promise<PreparedDataset> {
  const datasets = datasetsFolder();
  const definitions = [datasets, join(clone, 'datasets')];
  return prepareDataset({ source: name, definitions, datasets, encoding, vocabularySize: vocabSize });
}

type DatasetConfig = ReturnType<typeof planComparison>['config']['dataset'];
