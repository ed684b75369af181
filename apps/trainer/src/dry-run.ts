import { duration, textTable } from '@dynact/command-line';
import { type ComparisonPlan, inspectRuns, tokenDigests } from '@dynact/comparison';
import type { PreparedDataset } from '@dynact/data';
import { describeFacts, measureSpeeds, milliseconds, threadsOfRun, timeOfRun, trainingFacts } from './expected-time.ts';

/** Prints what a comparison would train, and how long that takes on this machine. */
export async function dryRun(
  plan: ComparisonPlan,
  directory: string | undefined,
  dataset: PreparedDataset,
  { json }: { readonly json?: boolean },
): Promise<void> {
  const { config, variants } = plan;
  const progress = directory === undefined ? [] : inspectRuns(directory, plan, tokenDigests(dataset));
  const ofVariant = variants.map((name) => plan.runs.find(({ variant }) => variant === name)!.config);
  const speeds = await measureSpeeds(ofVariant, threadsOfRun(config));
  const runs = plan.runs.map(({ variant, seed, config }, index) => {
    const { state, step } = progress[index] ?? { state: 'missing', step: 0 };
    const speed = speeds[variants.indexOf(variant)]!;
    if (state === 'ended') return { variant, seed, state, milliseconds: 0 };
    if (typeof speed === 'string') return { variant, seed, state, milliseconds: null };
    // What a run has made before is evaluated before, too, all but the whole split.
    const rest = 1 - step / config.training.steps;
    return { variant, seed, state, milliseconds: rest * timeOfRun(config, speed, dataset) };
  });
  const total = wholeTime(
    runs.map((run) => run.milliseconds),
    config.comparison.jobs,
  );
  if (json) {
    console.log(JSON.stringify({ directory, evaluationSteps: plan.evaluationSteps, runs, milliseconds: total }));
    return;
  }
  const missing = runs.filter(({ state }) => state !== 'ended');
  const rows = variants.map((name, index) => {
    const speed = speeds[index]!;
    const [first] = missing.filter(({ variant }) => variant === name);
    const count = missing.filter(({ variant }) => variant === name).length;
    const times =
      typeof speed === 'string' ? [speed, ''] : [milliseconds(speed.step), milliseconds(first?.milliseconds ?? 0)];
    return [name, `${count} of ${plan.seeds.length}`, ...times];
  });
  const { jobs } = config.comparison;
  console.log(
    [
      describeFacts([
        ...trainingFacts(config),
        ['seeds', plan.seeds.join(', ')],
        ['compared at steps', plan.evaluationSteps.join(', ')],
        ['folder', directory ?? 'one of its own'],
      ]),
      '',
      textTable([['variant', 'runs to train', 'a step', 'a run'], ...rows]),
      '',
      total === null
        ? 'expected time: not known'
        : `expected time: ${duration(total)} on this machine as it is now, ${jobs === 1 ? 'one run' : `${jobs} runs`} at a time`,
    ].join('\n'),
  );
}

/** Milliseconds of runs so many at a time, each begun as one before it ends; null where one is not known. */
function wholeTime(runs: readonly (number | null)[], jobs: number): number | null {
  const lanes = Array.from({ length: jobs }, () => 0);
  for (const time of runs) {
    if (time === null) return null;
    lanes.sort((a, b) => a - b);
    lanes[0]! += time;
  }
  return Math.max(...lanes);
}
