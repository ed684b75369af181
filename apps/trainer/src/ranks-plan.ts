import { bandwidth, positive } from '@dynact/command-line';
import { type Config, type ModelPlan, planRanks, type RanksPlan } from '@dynact/training';
import type { Command } from 'commander';
import { milliseconds, type Speed } from './expected-time.ts';

export interface RanksOptions {
  readonly ranks?: number;
  readonly bandwidth: number;
}

/** Adds what several processes are planned by. */
export function withRanks(command: Command): Command {
  return command
    .option('--ranks <count>', 'processes of mpirun that share the micro-batches of a step', positive)
    .option('--bandwidth <rate>', 'of the network of each of them', bandwidth, bandwidth('10Gbit'));
}

/**
 * Cost of training in several processes, each on a machine as this one is now.
 * @returns undefined where that was not asked for, or the speed is not known
 * @throws InputError where some would have nothing to do
 */
export function plannedRanks(
  { training }: Config,
  { parameters }: ModelPlan,
  speed: Speed | undefined,
  { ranks, bandwidth: bytesPerSecond }: RanksOptions,
): RanksPlan | undefined {
  if (ranks === undefined || typeof speed !== 'object') return undefined;
  const microBatches = training.gradientAccumulation;
  return planRanks({ parameters, microBatches, microBatchMs: speed.step / microBatches, ranks, bytesPerSecond });
}

/** Facts of several processes, behind their names. */
export function ranksFacts(plan: RanksPlan | undefined): [string, string][] {
  if (plan === undefined) return [];
  const { ranks, rounds, exchangedBytes, exchangeMs, stepMs, efficiency } = plan;
  return [
    [`step of ${ranks} processes`, `${milliseconds(stepMs)}, with ${rounds} micro-batches each`],
    ['  of it the exchange', `${milliseconds(exchangeMs)}, ${(exchangedBytes / 1e6).toFixed(1)} MB each way`],
    ['  efficiency', `${Math.round(100 * efficiency)} %`],
  ];
}
