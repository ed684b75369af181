import { availableParallelism, cpus, totalmem } from 'node:os';
import type { RunConfig } from '@dynact/runs/records';
import { trainingFacts } from '@dynact/training';
import type { FinishedRun } from './assemble.ts';
import type { ComparisonPlan } from './plan.ts';

/** How a comparison was made, for its report: a name and a text each. */
export function circumstances(
  plan: ComparisonPlan,
  finished: readonly FinishedRun[],
  command: string,
): [string, string][] {
  const configs = finished.map(({ reader }) => reader.config);
  const distinct = (text: (config: RunConfig) => string) => [...new Set(configs.map(text))].join('; ');
  const { config } = plan.runs.find(({ variant }) => variant === plan.baseline)!;
  const { model } = config;
  const blocks = plan.variants.map((name) => {
    const { feedForward } = plan.runs.find(({ variant }) => variant === name)!.config.model;
    return `${name}: ${JSON.stringify(feedForward)}`;
  });
  return [
    ...trainingFacts(config),
    ['model', `layers: ${model.layers}, width: ${model.width}, heads: ${model.heads}, context: ${model.context}`],
    ['blocks', blocks.join('; ')],
    ['command', command],
    ['written', new Date().toISOString().replace('T', ' ').replace(/\..*/, ' UTC')],
    [
      'machine',
      `${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} cores, ${Math.round(totalmem() / 1e9)} GB, ${process.platform}`,
    ],
    ['backend', distinct(({ backend: { name, device, threads } }) => `${name} on ${device}, threads: ${threads}`)],
    [
      'versions',
      distinct(({ versions }) =>
        Object.entries(versions)
          .map((pair) => pair.join(' '))
          .join(', '),
      ),
    ],
    ['commit', distinct(({ gitCommit }) => gitCommit ?? 'none: not in a clone')],
  ];
}
