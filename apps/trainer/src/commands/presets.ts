import { textTable } from '@dynact/command-line';
import { parseConfig, planModel, presets } from '@dynact/training';
import type { Command } from 'commander';

export function presetsCommand(command: Command): void {
  command
    .option('--json', 'print one JSON document of what each changes in the defaults')
    .action(({ json }: { json?: boolean }) => console.log(json ? JSON.stringify(presets) : describePresets()));
}

function describePresets(): string {
  const rows = Object.entries(presets).map(([name, preset]) => {
    const config = parseConfig(preset, name);
    const { parameters, tokens } = planModel(config);
    const { layers, width, context } = config.model;
    return [
      name,
      `${(parameters / 1e6).toFixed(parameters < 1e7 ? 2 : 0)} M`,
      `${layers} x ${width}`,
      `${context}`,
      config.training.steps.toLocaleString('en'),
      `${(tokens / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} M`,
    ];
  });
  const head = ['preset', 'parameters', 'layers x width', 'context', 'steps', 'tokens'];
  const { steps } = parseConfig({}).training;
  return `${textTable([head, ...rows])}\nwithout --preset: the model of default, ${steps} steps`;
}
