import type { RunConfig } from '@dynact/runs/records';
import { trainingFacts } from '@dynact/training';
import type { FinishedRun } from './assemble.ts';
import type { ComparisonPlan, RunPlace } from './plan.ts';

/**
 * How a comparison of language models was made, for its report: a name and a text each.
 * @param command that made it
 */
export function circumstances(
  plan: ComparisonPlan,
  finished: readonly FinishedRun[],
  command: string,
): [string, string][] {
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
    ...runFacts(finished, command),
  ];
}

/** Records of how the runs of any comparison were made: a name and a text each. @param command that made it */
export function runFacts(finished: readonly FinishedRun<RunPlace>[], command: string): [string, string][] {
  const configs = finished.map(({ reader }) => reader.config);
  const distinct = (text: (config: RunConfig) => string) => [...new Set(configs.map(text))].join('; ');
  return [
    ['command', command],
    ['written', new Date().toISOString().replace('T', ' ').replace(/\..*/, ' UTC')],
    ['machine', distinct(({ machine }) => (machine === undefined ? 'not recorded' : described(machine)))],
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

function described({ host, cpu, gpu }: NonNullable<RunConfig['machine']>): string {
  return [cpu, gpu, `host ${host}`].filter((part) => part !== null).join(', ');
}
