import { Command } from 'commander';
import { checkPluginCommand } from './commands/check-plugin.ts';
import { clusterCommands } from './commands/cluster.ts';
import { compareCommand } from './commands/compare.ts';
import { dashboardCommand } from './commands/dashboard.ts';
import { dataCommand } from './commands/data.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { initCommand } from './commands/init.ts';
import { optionsCommand } from './commands/options.ts';
import { planCommand } from './commands/plan.ts';
import { presetsCommand } from './commands/presets.ts';
import { sampleCommand } from './commands/sample.ts';
import { setupCommand } from './commands/setup.ts';
import { trainCommand } from './commands/train.ts';
import { addExamples } from './help-examples.ts';
import { trainerVersion } from './identity.ts';

/** The command line of the trainer. */
export function createProgram(): Command {
  const program = new Command('dynact')
    .description('Train small GPT-style language models, swap the gated feed-forward block, and compare honestly.')
    .version(trainerVersion());
  // Every command inherits this: errors are thrown, and take one line.
  program.exitOverride().configureOutput({
    outputError: (message, write) => write(`${message.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`),
  });
  dataCommand(program);
  initCommand(program);
  optionsCommand(program);
  presetsCommand(program);
  planCommand(program);
  trainCommand(program);
  compareCommand(program);
  clusterCommands(program);
  dashboardCommand(program);
  evaluateCommand(program);
  sampleCommand(program);
  exportCommand(program);
  checkPluginCommand(program);
  setupCommand(program);
  doctorCommand(program);
  addExamples(program);
  return program;
}
