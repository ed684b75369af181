import { duration, textTable } from '@dynact/command-line';
import { type ComparisonPlan, inspectRuns } from '@dynact/comparison';
import type { PreparedDataset } from '@dynact/data';
import { planModel, tokenDigests, trainingFacts } from '@dynact/training';
import { describeFacts, measureSpeeds, megabytes, milliseconds, threadsOfRun, timeOfRun } from './expected-time.ts';

/** Prints what a comparison would train, and how long that takes on this machine. */
export async function dryRun(
  plan: ComparisonPlan,
  directory: string | undefined,
  dataset: PreparedDataset,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const { config, variants, seeds, evaluationSteps } = plan;
  const { jobs } = config.comparison;
  const progress = directory === undefined ? [] : inspectRuns(directory, plan, tokenDigests(dataset));
  const ofVariant = variants.map((name) => plan.runs.find(({ variant }) => variant === name)!.config);
  const speeds = await measureSpeeds(ofVariant, threadsOfRun(config));
  const runs = plan.runs.map(({ variant, seed, config }, index) => {
    const { state, step } = progress[index] ?? { state: 'missing', step: 0 };
    const speed = speeds[variants.indexOf(variant)]!;
    // What a run has made before is evaluated before, too.
    const rest = state === 'ended' ? 0 : 1 - step / config.training.steps;
    return {
      variant,
      seed,
      state,
      disk: planModel(config).disk,
      milliseconds: typeof speed === 'string' ? null : rest * timeOfRun(config, speed, dataset),
    };
  });
  const total = timeOfAll(runs, jobs);
  if (json) {
    console.log(JSON.stringify({ directory, evaluationSteps, runs, milliseconds: total }));
    return;
  }
  const rows = variants.map((name, index) => {
    const speed = speeds[index]!;
    const missing = runs.filter(({ variant, state }) => variant === name && state !== 'ended');
    const aRun = missing[0]?.milliseconds ?? 0;
    const times = typeof speed === 'string' ? [speed, ''] : [milliseconds(speed.step), milliseconds(aRun)];
    return [name, `${missing.length} of ${seeds.length}`, ...times];
  });
  const facts: [string, string][] = [
    ...trainingFacts(config),
    ['seeds', seeds.join(', ')],
    ['compared at steps', evaluationSteps.join(', ')],
    ['folder', directory ?? 'one of its own'],
    ['disk of its checkpoints', megabytes(runs.reduce((sum, { disk }) => sum + disk, 0))],
  ];
  const atATime = `${jobs === 1 ? 'one run' : `${jobs} runs`} at a time`;
  const time = total === null ? 'not known' : `${duration(total)} on this machine as it is now, ${atATime}`;
  const table = textTable([['variant', 'runs to train', 'a step', 'a run'], ...rows]);
  console.log([describeFacts(facts), '', table, '', `expected time: ${time}`].join('\n'));
}

/** Milliseconds of runs so many at a time, each begun as one before it ends; null where one is not known. */
function timeOfAll(runs: readonly { readonly milliseconds: number | null }[], jobs: number): number | null {
  const lanes = Array.from({ length: jobs }, () => 0);
  for (const run of runs) {
    if (run.milliseconds === null) return null;
    lanes.sort((a, b) => a - b);
    lanes[0]! += run.milliseconds;
  }
  return Math.max(...lanes);
}
