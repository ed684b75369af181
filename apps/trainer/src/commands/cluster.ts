import { join } from 'node:path';
import { textTable, userPath } from '@dynact/command-line';
import {
  jobName,
  planComparison,
  recordedConfiguration,
  recordedPlugins,
  SlurmQueue,
  type Task,
} from '@dynact/comparison';
import { InputError } from '@dynact/files';
import { loadPlugins } from '@dynact/plugins';
import { holdsRun, type RunReader, readRunFolder } from '@dynact/runs';
import type { Command } from 'commander';
import { type PluginOptions, pluginFiles, withPlugins } from '../plugins.ts';
import { submitComparison, withComparison } from './compare.ts';

export function submitCommand(command: Command): void {
  withComparison(command).action(submitComparison);
}

export function statusCommand(command: Command): void {
  withPlugins(command.argument('<folder>', 'the comparison folder'))
    .option('--json', 'print one JSON document')
    .action(status);
}

export function cancelCommand(command: Command): void {
  command.argument('<folder>', 'the comparison folder').action(cancel);
}

/** A run as `status` shows it. */
interface RunStatus {
  readonly run: string;
  readonly state: 'queued' | 'running' | 'finished' | 'diverged' | 'failed' | 'missing';
  /** The last one of its log. */
  readonly step: number;
  readonly steps: number;
  /** The node that it is on, or why it waits or failed. */
  readonly note: string;
}

async function status(folder: string, options: PluginOptions & { json?: boolean }): Promise<void> {
  const directory = userPath(folder);
  loadPlugins(pluginFiles(options), recordedPlugins(directory));
  const recorded = recordedConfiguration(directory);
  if (recorded === undefined) {
    throw new InputError('comparison', `${directory} is no comparison; name the folder that was given to --out`);
  }
  const queue = new SlurmQueue(directory);
  const { runs } = planComparison(recorded);
  const readers = runs.map(({ folder }) => readerOf(join(directory, folder)));
  // Where all have ended nobody need be asked, and the cluster may be far.
  const isOver = readers.every((reader) => reader?.readSummary() !== undefined);
  const tasks = new Map(isOver ? [] : (await queue.tasks()).map((task) => [task.name, task]));
  const rows = runs.map((run, index): RunStatus => {
    const { steps } = run.config.training;
    const { state, step, note } = statusOf(readers[index], jobName(run), tasks.get(jobName(run)), queue);
    return { run: jobName(run), state, step, steps, note };
  });
  if (options.json) console.log(JSON.stringify(rows));
  else console.log(describe(rows));
}

function readerOf(directory: string): RunReader | undefined {
  return holdsRun(directory) ? readRunFolder(directory) : undefined;
}

function statusOf(run: RunReader | undefined, name: string, task: Task | undefined, queue: SlurmQueue) {
  const step = run?.records().at(-1)?.step ?? 0;
  const ended = run?.readSummary()?.status;
  if (task !== undefined) return { state: task.state, step, note: task.where };
  if (ended !== undefined) return { state: ended, step, note: '' };
  if (queue.submissions().some(({ runs }) => runs.includes(name))) {
    return { state: 'failed' as const, step, note: queue.failure(name).message.split('\n')[0]! };
  }
  return { state: 'missing' as const, step, note: '' };
}

function describe(rows: readonly RunStatus[]): string {
  const states = [...new Set(rows.map(({ state }) => state))];
  const count = (state: RunStatus['state']) => rows.filter((row) => row.state === state).length;
  return [
    textTable([
      ['run', 'state', 'step', ''],
      ...rows.map(({ run, state, step, steps, note }) => [run, state, `${step} of ${steps}`, note]),
    ]),
    '',
    states.map((state) => `${count(state)} ${state}`).join(', '),
  ].join('\n');
}

async function cancel(folder: string): Promise<void> {
  const count = await new SlurmQueue(userPath(folder)).cancel();
  console.log(count === 0 ? 'none of its runs is on the cluster' : `${count} runs told to save and end`);
}
