import { calledAs, createProgress, interruptSignal, shellWord } from '@dynact/command-line';
import {
  type ComparisonFolder,
  type ComparisonPlan,
  type Executor,
  type Job,
  jobName,
  missingJobs,
  type OnRunEvent,
  Processes,
  Slurm,
  SlurmQueue,
  trainAll,
} from '@dynact/comparison';
import type { PreparedDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import type { ComparisonConfig } from '@dynact/training';
import { threadsOfRun } from './expected-time.ts';
import { gitCommit, programVersions } from './identity.ts';
import { StepWatch, showEvents, TotalProgress } from './training-progress.ts';

type ExecutorConfig = ComparisonConfig['executor'];

/**
 * Where the runs of a comparison are trained: where the configuration or the command says, else where those of its folder
 * were submitted to. Waits until nobody on this machine writes them.
 * @param named by the command
 * @throws InputError where this machine is to train what is on a cluster
 */
export async function chooseExecutor(
  plan: ComparisonPlan,
  folder: ComparisonFolder,
  named: ExecutorConfig['kind'] | undefined,
): Promise<ExecutorConfig> {
  const queue = new SlurmQueue(folder.directory);
  const { executor } = plan.config.comparison;
  // Nobody need be asked, and the cluster may be far.
  if (plan.runs.every((run) => folder.state(run) === 'ended')) return executor;
  const chosen = executor.kind === 'processes' && named === undefined ? (queue.options ?? executor) : executor;
  const held = new Set((await queue.tasks()).map(({ name }) => name));
  if (chosen.kind === 'processes' && held.size > 0) {
    const what = `${held.size} of its runs are on the cluster`;
    throw new InputError(
      'busy',
      `${folder.directory}: ${what}; leave out --executor, or ${calledAs()} cancel them first`,
    );
  }
  const isHeld = (run: ComparisonPlan['runs'][number]) => held.has(jobName(run));
  if (queue.isUsed)
    await queue.breakLocks(plan.runs.filter((run) => !isHeld(run)).map((run) => folder.runDirectory(run)));
  await folder.workersGone((message) => process.stderr.write(`${message}\n`), { held: isHeld });
  return chosen;
}

/** Trains what is missing, with progress, until all is there or a signal comes. */
export async function trainRuns(
  plan: ComparisonPlan,
  folder: ComparisonFolder,
  dataset: PreparedDataset,
  executor: ExecutorConfig,
): Promise<void> {
  const jobs = jobsOf(plan, folder, dataset, executor);
  if (jobs.length === 0) return;
  const progress = createProgress();
  const { signal, release } = interruptSignal();
  try {
    const { steps } = plan.config.training;
    const unended = plan.runs.map((run) => folder.progress(run)).filter(({ state }) => state !== 'ended');
    const made = unended.map(({ step }) => step);
    const total = jobs.length > 1 ? new TotalProgress(progress, made, steps) : undefined;
    const watch = new StepWatch();
    const lines = new Map(
      jobs.map(({ name }, index) => {
        const title = `run ${index + 1} of ${jobs.length}, ${name}`;
        return [name, showEvents(progress, title, { watch, ...(total === undefined ? {} : { total }) })];
      }),
    );
    await trainAll(
      executorOf(plan, folder, executor, (name, event) => lines.get(name)?.(event)),
      jobs,
      signal,
      `Go on with: ${calledAs()} compare --out ${shellWord(folder.directory)}`,
    );
  } finally {
    progress.stop();
    release();
  }
}

/** Hands what is missing to a cluster. @returns how many runs are there now */
export async function submitRuns(
  plan: ComparisonPlan,
  folder: ComparisonFolder,
  dataset: PreparedDataset,
  executor: Extract<ExecutorConfig, { kind: 'slurm' }>,
): Promise<number> {
  const jobs = jobsOf(plan, folder, dataset, executor);
  if (jobs.length > 0) await new Slurm(folder.directory, executor, () => {}).submit(jobs);
  return jobs.length;
}

function jobsOf(
  plan: ComparisonPlan,
  folder: ComparisonFolder,
  dataset: PreparedDataset,
  { kind }: ExecutorConfig,
): Job[] {
  const threads = kind === 'slurm' ? (plan.config.backend.threads ?? 1) : threadsOfRun(plan.config);
  const program = { versions: programVersions(), gitCommit: gitCommit() };
  return missingJobs(plan, folder, { dataset, threads, program });
}

function executorOf(
  { config }: ComparisonPlan,
  folder: ComparisonFolder,
  executor: ExecutorConfig,
  onEvent: OnRunEvent,
): Executor {
  if (executor.kind === 'slurm') return new Slurm(folder.directory, executor, onEvent);
  return new Processes(config.comparison.jobs, onEvent);
}
