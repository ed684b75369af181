import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bandwidth, textTable, wholeNumbers } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { type ExchangeTime, planRanks } from '@dynact/training';
import { Command, Option } from 'commander';
import { type ModelName, models, type Workload } from '../engine/models.ts';

/** One run of so many processes: the median step, and means of what the others cost; one alone exchanges nothing. */
export interface RanksRun extends Partial<ExchangeTime> {
  readonly ranks: number;
  readonly parameters: number;
  readonly stepMs: number;
}

interface CollectivesOptions {
  readonly model: ModelName;
  readonly steps: string;
  readonly ranks: number[];
  readonly bandwidth: number;
  readonly json?: boolean;
}

export const collectivesCommand = new Command('collectives')
  .description(
    'weak scaling: a micro-batch and a thread for each process of mpirun, beside the arithmetic of dynact plan',
  )
  .addOption(new Option('--model <name>', 'which model').choices(Object.keys(models)).default('a'))
  .option('--steps <count>', 'timed steps, after three that are not', '20')
  .option('--ranks <counts>', 'numbers of processes', wholeNumbers, [1, 2])
  .option('--bandwidth <rate>', 'of the arithmetic: what the network carries', bandwidth, bandwidth('10Gbit'))
  .option('--json', 'print one JSON document')
  .action(async (options: CollectivesOptions) => {
    const workload: Workload = { shape: models[options.model], feedForward: 'dynactglu', steps: Number(options.steps) };
    const runs: RanksRun[] = [];
    for (const count of options.ranks) runs.push(await runTogether(count, workload));
    console.log(options.json ? JSON.stringify(runs) : describe(runs, options.bandwidth));
  });

/** The runs, each beside what `dynact plan` expects of it. @param bytesPerSecond that the network carries */
export function describe(runs: readonly RanksRun[], bytesPerSecond: number): string {
  const [alone] = runs;
  const ms = (value: number | undefined) => (value === undefined ? 'none' : `${value.toFixed(1)} ms`);
  const percent = (value: number) => `${Math.round(100 * value)} %`;
  const rows = runs.map(({ ranks, parameters, stepMs, exchangeMs, copyMs }) => {
    const plan = planRanks({ parameters, microBatches: ranks, microBatchMs: alone!.stepMs, ranks, bytesPerSecond });
    const measured = [ms(stepMs), ms(exchangeMs), ms(copyMs), percent(alone!.stepMs / stepMs)];
    return [String(ranks), ...measured, ms(ranks === 1 ? undefined : plan.exchangeMs), percent(plan.efficiency)];
  });
  return textTable([['processes', 'step', 'exchange', 'copy', 'efficiency', 'planned', 'planned efficiency'], ...rows]);
}

/** @throws InputError where mpirun is missing or fails */
function runTogether(count: number, workload: Workload): Promise<RanksRun> {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const program = [process.execPath, ...process.execArgv, worker, JSON.stringify(workload)];
  const [command, ...parameters] = count === 1 ? program : ['mpirun', '-n', String(count), ...program];
  return new Promise((resolve, reject) => {
    const environment = { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1', ...process.env };
    const child = spawn(command!, parameters, { stdio: ['ignore', 'pipe', 2], env: environment });
    let output = '';
    child.stdout?.on('data', (part: Buffer) => {
      output += part;
    });
    child.on('error', ({ message }) =>
      reject(new InputError('device', `mpirun cannot be run: ${message}; install MPI`)),
    );
    child.on('close', (status) => {
      if (status === 0) resolve(JSON.parse(output.trim().split('\n').at(-1)!) as RanksRun);
      else reject(new InputError('device', `${count} processes ended with exit code ${status}; see above`));
    });
  });
}
