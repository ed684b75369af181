import { runEnvironment, selectBackend } from '@dynact/backends';
import { pluginsOf } from '@dynact/plugins';
import { type TrainRunOptions, type TrainRunResult, trainRun } from '@dynact/training';
import type { ProgramIdentity } from './executor.ts';

interface TrainHereOptions extends Omit<TrainRunOptions, 'environment' | 'compile'> {
  readonly program: ProgramIdentity;
  /** Threads of the backend; by default as the configuration has it. */
  readonly threads?: number;
}

/**
 * `trainRun` in this process, on the backend that the configuration asks for; the run records backend, versions and plugins.
 * @throws InputError as `trainRun` and `selectBackend`
 */
export async function trainHere({ program, threads, ...run }: TrainHereOptions): Promise<TrainRunResult> {
  const { backend, model } = run.config;
  const selected = await selectBackend({ ...backend, ...(threads && { threads }) }, 'train');
  const environment = { ...runEnvironment(selected, program), plugins: pluginsOf(model.feedForward) };
  return trainRun({ ...run, environment, compile: selected.compile });
}
