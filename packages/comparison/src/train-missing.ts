import { Interrupted } from '@dynact/command-line';
import type { PreparedDataset } from '@dynact/data';
import { InputError } from '@dynact/files';
import { pluginsOf } from '@dynact/plugins';
import { readRunFolder } from '@dynact/runs';
import { type Config, checkPlugins, recordedConfig, tokenDigests } from '@dynact/training';
import type { Executor, FailedJob, Job, NamedJob, ProgramIdentity } from './executors/executor.ts';
import type { ComparisonFolder } from './folder.ts';
import type { ComparisonPlan, PlannedRun } from './plan.ts';

/** The runs of a plan that have not ended yet, as jobs of so many threads each. */
export function missingJobs(
  plan: ComparisonPlan,
  folder: ComparisonFolder,
  environment: { readonly dataset: PreparedDataset; readonly threads: number; readonly program: ProgramIdentity },
): Job[] {
  const { dataset, threads, program } = environment;
  return plan.runs.flatMap((run): Job[] => {
    const state = folder.state(run);
    const plugins = pluginsOf(run.config.model.feedForward);
    // One that has ended is not opened again, but compared.
    if (state !== 'missing') checkPlugins(readRunFolder(folder.runDirectory(run)), plugins);
    if (state === 'ended') return [];
    return [
      {
        name: jobName(run),
        config: state === 'partial' ? continuedConfig(run.config, folder.runDirectory(run)) : run.config,
        directory: folder.runDirectory(run),
        threads,
        datasetDirectory: dataset.directory,
        tokens: tokenDigests(dataset),
        program,
        plugins,
      },
    ];
  });
}

/** A run of a plan as people and executors call it. */
export function jobName({ variant, seed }: PlannedRun): string {
  return `${variant} seed ${seed}`;
}

/** The planned configuration of a run that is there: one that was to end before goes on behind that step. */
function continuedConfig(config: Config, directory: string): Config {
  const recorded = recordedConfig(readRunFolder(directory)).training;
  const { steps } = config.training;
  const longer = recorded.steps < steps ? [{ after: recorded.steps, schedule: 'keep' as const }] : [];
  return { ...config, training: { ...config.training, stretches: [...recorded.stretches, ...longer] } };
}

/**
 * Trains jobs to their ends; one that fails does not stop the others.
 * @param goOn what to do after an interruption, for people
 * @throws Interrupted when the signal aborts; when runs failed, an error that lists them: an InputError where all of them
 * are the user's to mend
 */
export async function trainAll<J extends NamedJob>(
  executor: Executor<J>,
  jobs: readonly J[],
  signal: AbortSignal,
  goOn = 'Call it again to go on.',
): Promise<void> {
  let left: Promise<string | undefined> | undefined;
  const leave = () => {
    left ??= executor.leave?.() ?? executor.cancel().then(() => undefined);
  };
  signal.addEventListener('abort', leave);
  try {
    await executor.submit(jobs);
    if (signal.aborted) leave();
    const failed = await executor.settled();
    if (left !== undefined) {
      const became = (await left) ?? (await savedOnes(executor));
      const lost =
        failed.length === 0 ? '' : ` ${failed.length} failed: ${reasonsOf(failed).map(firstLine).join('; ')}.`;
      throw new Interrupted(`stopped; ${became}${lost} ${goOn}`);
    }
    if (failed.length > 0) throw failure(failed, jobs.length);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function savedOnes(executor: Pick<Executor, 'states'>): Promise<string> {
  const states = [...(await executor.states()).values()];
  const queued = states.filter((state) => state === 'queued').length;
  return `every run in progress saved a checkpoint.${queued === 0 ? '' : ` ${queued} had not begun.`}`;
}

/** Without the stack, which a failure that is nobody's fault but ours has. */
function firstLine(reason: string): string {
  return reason.split('\n')[0]!;
}

function reasonsOf(failed: readonly FailedJob[]): string[] {
  return failed.map(({ name, reason }) => `${name}: ${reason}`);
}

function failure(failed: readonly FailedJob[], total: number): Error {
  const reasons = reasonsOf(failed);
  const message = (separator: string) =>
    `${failed.length} of ${total} runs failed; call it again to run them again${separator}${reasons.join(separator)}`;
  if (failed.every(({ isWrongInput }) => isWrongInput)) return new InputError('comparison', message('; '));
  const error = new Error(message('\n'));
  // The stacks that matter are in the reasons.
  error.stack = error.message;
  return error;
}
