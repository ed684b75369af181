import { join } from 'node:path';
import { shareOfCores } from '@dynact/backends';
import { commandLine, createProgress } from '@dynact/command-line';
import {
  assembleRuns,
  ComparisonFolder,
  type Executor,
  InProcess,
  type OnRunEvent,
  Processes,
  type RunPlace,
  runFacts,
  trainAll,
} from '@dynact/comparison';
import { firstIssue, InputError } from '@dynact/files';
import { type Comparison, runFolderName } from '@dynact/runs/records';
import { applyOverrides } from '@dynact/training';
import { z } from 'zod';
import { programIdentity } from './identity.ts';
import type { NetworkStudy, Part, StudySettings } from './network-study.ts';
import type { Comparisons, Study, StudyOptions } from './study.ts';
import type { StudyJob } from './study-job.ts';
import { trainStudyJob } from './train-job.ts';

/** A variant of a part, as far as it says how its runs go. */
const describedSchema = z.object({ settings: z.record(z.string(), z.json()) });

/** A study of networks as one that can be run. */
export function runnable<Settings extends StudySettings>(study: NetworkStudy<Settings>): Study {
  const { name, claim } = study;
  return {
    ...{ name, claim },
    chosen: (described) => study.chosen(study.settings.parse(describedSchema.parse(described).settings)),
    run: (options) => run(study, options),
    describe: (found) => study.describe(found),
  };
}

async function run<Settings extends StudySettings>(
  study: NetworkStudy<Settings>,
  options: StudyOptions,
): Promise<Comparisons> {
  const settings = resolveSettings(study, options);
  const parts = study.parts(settings).map((part) => openPart(study, settings, part, options.out));
  try {
    for (const { folder } of parts) await folder.workersGone((message) => process.stderr.write(`${message}\n`));
    await train(study, settings, parts, options);
    const comparisons = new Map<string, Comparison>();
    for (const { part, folder } of parts) {
      const about = { metric: study.metric, seeds: settings.seeds };
      const finished = folder.finishedRuns();
      const comparison = assembleRuns({ ...part, ...about, variants: Object.keys(part.variants) }, finished);
      await folder.writeResults(comparison, runFacts(finished, commandLine('pnpm study')));
      comparisons.set(part.name, comparison);
    }
    return comparisons;
  } finally {
    for (const { folder } of parts) folder.close();
  }
}

/** @throws InputError naming the setting that is wrong */
function resolveSettings<Settings>(
  study: Pick<NetworkStudy<Settings & StudySettings>, 'name' | 'settings' | 'quick' | 'full'>,
  { size, set, seeds }: StudyOptions,
): Settings & StudySettings {
  const base = size === 'default' ? {} : study[size];
  const raw = applyOverrides({ ...base, ...(seeds === undefined ? {} : { seeds }) }, set);
  const parsed = study.settings.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new InputError('configuration', `study ${study.name}: ${firstIssue(parsed.error)}`);
}

interface OpenPart {
  readonly part: Part;
  readonly places: readonly RunPlace[];
  readonly folder: ComparisonFolder<RunPlace>;
}

function openPart<Settings extends StudySettings>(
  study: NetworkStudy<Settings>,
  settings: Settings,
  part: Part,
  out: string,
): OpenPart {
  const { seeds } = settings;
  const decisive = Object.fromEntries(
    Object.entries(settings).filter(([name]) => ![...study.axes, 'seeds'].includes(name)),
  );
  const variants = Object.keys(part.variants);
  const runs = variants.flatMap((variant) =>
    seeds.map((seed) => ({ variant, seed, folder: runFolderName(variant, seed) })),
  );
  const { steps, evaluationSteps, baseline } = part;
  // In the form of a comparison of language models, as the live page reads it.
  const described = Object.entries(part.variants).map(([name, variant]) => [
    name,
    { dataset: { name: part.dataset }, training: { steps }, settings: decisive, variant },
  ]);
  const { name, metric } = study;
  const description = {
    study: name,
    metric,
    baseline,
    evaluationSteps,
    seeds,
    variants: Object.fromEntries(described),
  };
  const folder = ComparisonFolder.openDescribed(
    join(out, part.name),
    { variants, seeds, runs },
    JSON.parse(JSON.stringify(description)) as typeof description,
  );
  return { part, places: runs, folder };
}

async function train<Settings extends StudySettings>(
  study: NetworkStudy<Settings>,
  settings: Settings,
  parts: readonly OpenPart[],
  { jobs: limit, signal }: StudyOptions,
): Promise<void> {
  const threads = shareOfCores(limit);
  const program = programIdentity();
  const jobs = parts.flatMap(({ part, places, folder }) =>
    places
      .filter((place) => folder.state(place) !== 'ended')
      .map((place): StudyJob => {
        const { variant, seed } = place;
        return {
          name: `${part.name}, ${variant} seed ${seed}`,
          study: study.name,
          identity: { settings, part: part.name, variant, seed },
          directory: folder.runDirectory(place),
          resume: folder.state(place) === 'partial',
          ...{ threads, program },
        };
      }),
  );
  if (jobs.length === 0) return;
  const progress = createProgress();
  const line = progress.line(`${study.name}, runs`, jobs.length);
  let ended = 0;
  const onEvent: OnRunEvent = (name, event) => {
    if (event.kind !== 'record' || event.record.kind !== 'evaluation') return;
    const { step, metrics } = event.record;
    if (step === event.steps) ended += 1;
    const figure = `${study.metric.name} ${metrics[study.metric.name]?.toFixed(2)}`;
    line.update(ended, `${name}: ${figure} at step ${step} of ${event.steps}`);
  };
  const executor: Executor<StudyJob> =
    limit === 0
      ? new InProcess((job, surroundings) => trainStudyJob(study, job, surroundings), onEvent)
      : new Processes(limit, onEvent, new URL('./worker.ts', import.meta.url));
  try {
    await trainAll(executor, jobs, signal);
  } finally {
    progress.stop();
  }
}
