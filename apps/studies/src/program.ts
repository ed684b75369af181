import { join } from 'node:path';
import {
  collect,
  interruptSignal,
  oneLineErrors,
  userFolder,
  userPath,
  wholeNumber,
  wholeNumbers,
} from '@dynact/command-line';
import { InputError } from '@dynact/files';
import { Command } from 'commander';
import { resultsCommand } from './results.ts';
import { studies } from './studies.ts';
import type { Study } from './study.ts';

interface StudyArguments {
  readonly quick?: boolean;
  readonly full?: boolean;
  readonly set?: string[];
  readonly seeds?: number[];
  readonly jobs?: number;
  readonly out?: string;
}

/** `pnpm study`. */
export function createProgram(): Command {
  const program = new Command('study').description("The papers' experiments, with paired seeds and intervals.");
  oneLineErrors(program);
  for (const study of studies) addStudy(program, study);
  resultsCommand(program);
  return program;
}

function addStudy(program: Command, study: Study): void {
  program
    .command(study.name)
    .description(study.claim)
    .option('--quick', 'see in seconds whether everything works')
    .option('--full', "the paper's size")
    .option('--set <key=value>', 'change one setting; may be repeated', collect)
    .option('--seeds <numbers>', 'one run of every variant for each', wholeNumbers)
    .option(
      '--jobs <count>',
      'runs at a time, each with its share of the cores; 0, as --quick has it, trains in this process, which starts faster',
      wholeNumber,
    )
    .option('--out <folder>', 'where runs and results lie; called again with it, only what is missing is trained')
    .action(async (options: StudyArguments) => {
      if (options.quick && options.full) throw new InputError('usage', '--quick and --full: name one of them');
      const size = options.quick ? 'quick' : options.full ? 'full' : 'default';
      const folder = join(userFolder(), 'runs', `study-${study.name}${size === 'default' ? '' : `-${size}`}`);
      const out = options.out === undefined ? folder : userPath(options.out);
      const { signal, release } = interruptSignal();
      try {
        const { set = [], seeds } = options;
        // A process takes longer to start than a quick run to train.
        const { jobs = options.quick ? 0 : 1 } = options;
        const found = await study.run({ out, size, set, jobs, signal, ...(seeds === undefined ? {} : { seeds }) });
        console.log(study.describe(found));
        process.stderr.write(`\nrun folders, comparison.json and report.html of each part: ${out}\n`);
      } finally {
        release();
      }
    });
}
