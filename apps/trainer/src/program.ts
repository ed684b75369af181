import { calledAs, oneLineErrors } from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { Command } from 'commander';
import { addExamples } from './help-examples.ts';
import { trainerVersion } from './places.ts';

/** A command: what the overview says of it, and the module that adds its arguments and its action. */
interface Entry {
  readonly description: string;
  load(): Promise<(command: Command) => void>;
}

/** Modules are loaded when their command is called: most of them bring TensorFlow.js, which takes a second. */
const entries: Readonly<Record<string, Entry>> = {
  data: {
    description: 'corpora and their token files',
    load: async () => (await import('./commands/data.ts')).dataCommand,
  },
  init: {
    description: 'write a configuration or a gate to change, with remarks, which an editor completes',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  options: {
    description: 'everything that a configuration file or --set can say, with the defaults',
    load: async () => (await import('./commands/options.ts')).optionsCommand,
  },
  presets: {
    description: 'the presets: the size and the length of each; `plan --preset NAME` has all of it',
    load: async () => (await import('./commands/presets.ts')).presetsCommand,
  },
  plan: {
    description: 'what a configuration costs, before anything is trained',
    load: async () => (await import('./commands/plan.ts')).planCommand,
  },
  train: {
    description: 'train one model into a run folder',
    load: async () => (await import('./commands/train.ts')).trainCommand,
  },
  compare: {
    description: 'train variants on the same batches and compare them',
    load: async () => (await import('./commands/compare.ts')).compareCommand,
  },
  submit: {
    description: 'hand the runs of a comparison to a Slurm cluster, and return at once',
    load: async () => (await import('./commands/cluster.ts')).submitCommand,
  },
  status: {
    description: 'where the runs of a comparison stand: queued, running, finished or failed, and why',
    load: async () => (await import('./commands/cluster.ts')).statusCommand,
  },
  cancel: {
    description: 'end the runs of a comparison that are on the cluster; what they have done is saved',
    load: async () => (await import('./commands/cluster.ts')).cancelCommand,
  },
  dashboard: {
    description: 'watch runs and comparisons in a browser while they train',
    load: async () => (await import('./commands/dashboard.ts')).dashboardCommand,
  },
  evaluate: {
    description: 'the loss of a trained model over a whole split',
    load: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  },
  sample: {
    description: 'continue a text with a trained model',
    load: async () => (await import('./commands/sample.ts')).sampleCommand,
  },
  export: {
    description: 'write a trained model, or the numbers of a log, in a format that other tools open',
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  'check-plugin': {
    description: 'try activations and blocks of your own: values, gradients, as a gate, second use, ONNX, speed',
    load: async () => (await import('./commands/check-plugin.ts')).checkPluginCommand,
  },
  setup: {
    description: 'brings what a device needs',
    load: async () => (await import('./commands/setup.ts')).setupCommand,
  },
  doctor: {
    description: 'which backends load here, which one is used and why, GPUs, threads, versions',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
};

/**
 * The command line of the trainer.
 * @param words the call's: the others of its commands are known by name and description alone. By default all are whole.
 */
export async function createProgram(words?: readonly string[]): Promise<Command> {
  const program = new Command(calledAs())
    .description('Train small GPT-style language models, swap the gated feed-forward block, and compare honestly.')
    .version(trainerVersion());
  oneLineErrors(program);
  for (const [name, { description, load }] of Object.entries(entries)) {
    const command = program.command(name).description(description);
    if (words === undefined || words.includes(name)) (await load())(command);
  }
  addExamples(program);
  addHelp(program);
  return program;
}

/** As commander's own, except that it refuses what is no command. */
function addHelp(program: Command): void {
  program
    .helpCommand(false)
    .command('help')
    .description('what a command does and takes, with an example')
    .argument('[command...]')
    .action((words: readonly string[]) => {
      let command = program;
      for (const word of words) {
        const found = command.commands.find((candidate) => candidate.name() === word);
        if (found === undefined) {
          const known = command.commands.map((candidate) => candidate.name());
          throw new InputError('usage', `${words.join(' ')}: there is no such command, only ${known.join(', ')}`);
        }
        command = found;
      }
      command.help();
    });
}
