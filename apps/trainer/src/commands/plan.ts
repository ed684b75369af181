import { type MemoryEstimate, machineMemory } from '@dynact/backends';
import { textTable } from '@dynact/command-line';
import { loadPlugins } from '@dynact/plugins';
import { type ModelPlan, parseConfig, planModel } from '@dynact/training';
import type { Command } from 'commander';
import { type ConfigurationOptions, loadConfiguration, withConfiguration } from '../configuration.ts';
import { pluginFiles } from '../plugins.ts';

export function planCommand(program: Command): Command {
  return withConfiguration(
    program.command('plan').description('what a configuration costs, before anything is trained'),
  )
    .option('--json', 'print one JSON document')
    .action((text: string | undefined, options: ConfigurationOptions & { json?: boolean }) => {
      loadPlugins(pluginFiles(options));
      const { raw, source } = loadConfiguration(options, text);
      const plan = planModel(parseConfig(raw, source));
      console.log(options.json ? JSON.stringify(plan) : describe(plan));
    });
}

function describe(plan: ModelPlan): string {
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const { total, ...parts } = plan.memory;
  const machine = machineMemory();
  return [
    textTable([
      ['parameter', 'shape', 'group', 'count'],
      ...plan.parameterTable.map(({ name, shape, group, count }) => [name, `[${shape.join(', ')}]`, group, `${count}`]),
    ]),
    '',
    textTable([
      ['parameters', `${whole(plan.parameters)} (${(plan.parameters / 1e6).toFixed(1)} M)`],
      ['of matrix products', whole(plan.matrixParameters)],
      ['of activations', whole(plan.activationParameters)],
      ['FLOPs a training token', plan.flopsPerToken.toExponential(3)],
      ['tokens a step', whole(plan.tokensPerStep)],
      ['tokens of the run', whole(plan.tokens)],
      ['FLOPs of the run', plan.flops.toExponential(3)],
    ]),
    '',
    textTable([
      ['memory for training (estimate, onnxruntime on the CPU)', megabytes(total)],
      ...Object.entries(parts satisfies Omit<MemoryEstimate, 'total'>).map(([name, bytes]) => [
        `  ${name}`,
        megabytes(bytes),
      ]),
      ['memory of this machine', megabytes(machine.total)],
      ['  free now', megabytes(machine.available)],
    ]),
  ].join('\n');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}
