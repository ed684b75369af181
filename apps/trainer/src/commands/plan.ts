import type { MachineMemory, MemoryEstimate } from '@dynact/backends';
import { textTable, warn } from '@dynact/command-line';
import { loadPlugins } from '@dynact/plugins';
import { type Config, type ModelPlan, parseConfig, planModel, trainingFacts } from '@dynact/training';
import type { Command } from 'commander';
import { type ConfigurationOptions, loadConfiguration, withConfiguration } from '../configuration.ts';
import { describeFacts, measureSpeeds, megabytes, milliseconds, timeOfRun } from '../expected-time.ts';
import { pluginFiles } from '../plugins.ts';
import { openConfigured } from '../prepare-configured.ts';
import { plannedRanks, type RanksOptions, ranksFacts, withRanks } from '../ranks-plan.ts';
import { checkTrainingMemory, memoryOf } from '../training-memory.ts';

interface PlanOptions extends ConfigurationOptions, RanksOptions {
  readonly json?: boolean;
}

export function planCommand(command: Command): void {
  withRanks(withConfiguration(command)).option('--json', 'print one JSON document').action(plan);
}

async function plan(text: string | undefined, options: PlanOptions): Promise<void> {
  loadPlugins(pluginFiles(options));
  const { raw, source } = loadConfiguration(options, text);
  const config = parseConfig(raw, source);
  const costs = planModel(config);
  const dataset = await openConfigured(config.dataset);
  const [speed] = await measureSpeeds([config]);
  const time = typeof speed === 'object' ? timeOfRun(config, speed, dataset) : null;
  const perPass = dataset?.manifest.splits.train?.tokens;
  dataset?.close();
  const together = plannedRanks(config, costs, speed, options);
  if (options.json) {
    const { dataset: corpus, training } = config;
    console.log(
      JSON.stringify({ ...costs, dataset: corpus, training, milliseconds: time, ...(together && { together }) }),
    );
  } else {
    const without = dataset === undefined ? ', without the whole split: the text is not prepared yet' : '';
    const expected =
      typeof speed === 'object'
        ? `${milliseconds(time!)} (${milliseconds(speed.step)} a step${without})`
        : `not known: ${speed}`;
    const facts: [string, string][] = [
      ['time on this machine as it is now', expected],
      ...(perPass === undefined ? [] : [passesOver(perPass, costs.tokens)]),
      ['disk of its checkpoints', megabytes(costs.disk)],
      ...ranksFacts(together),
    ];
    console.log(describe(config, costs, await memoryOf(config), facts));
  }
  // A plan for the CPU of another machine is none of this one's.
  if (config.backend.device !== 'cpu') warn(await checkTrainingMemory(config, { isPlan: true }));
}

/** How often a run reads its text. */
function passesOver(perPass: number, tokens: number): [string, string] {
  const passes = (tokens / perPass).toLocaleString('en', { maximumSignificantDigits: 2 });
  return ['passes over the text', `${passes} over ${perPass.toLocaleString('en')} tokens`];
}

/** @param expected the costs of a run, behind their names */
function describe(
  config: Config,
  plan: ModelPlan,
  memory: MachineMemory | undefined,
  expected: readonly (readonly [string, string])[],
): string {
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  const { total, ...parts } = plan.memory;
  const { device } = config.backend;
  const [computes, has] = device.startsWith('cuda') ? [device, 'GPU'] : ['the CPU', 'machine'];
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
    describeFacts([...trainingFacts(config), ...expected]),
    '',
    textTable([
      [`memory for training (estimate, onnxruntime on ${computes})`, megabytes(total)],
      ...Object.entries(parts satisfies Omit<MemoryEstimate, 'total'>).map(([name, bytes]) => [
        `  ${name}`,
        megabytes(bytes),
      ]),
      ...(memory === undefined
        ? []
        : [
            [`memory of this ${has}`, megabytes(memory.total)],
            ['  free now', megabytes(memory.available)],
          ]),
    ]),
  ].join('\n');
}
