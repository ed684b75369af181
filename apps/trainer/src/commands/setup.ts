import { setUpCuda } from '@dynact/backends';
import { calledAs, warn } from '@dynact/command-line';
import type { Command } from 'commander';

interface SetupOptions {
  readonly dryRun?: boolean;
  readonly anyway?: boolean;
}

export function setupCommand(setup: Command): void {
  setup
    .command('cuda')
    .description(
      "installs ONNX Runtime's CUDA provider and NVIDIA's libraries from PyPI, with your own pip, into the project's " +
        'cache (or the folder that DYNACT_CUDA names); nothing else of the system is touched',
    )
    .option('--dry-run', 'say what would be downloaded, and how much')
    .option('--anyway', 'also without a GPU here that runs it: for other machines that have the same folder')
    .action(async (options: SetupOptions) => {
      console.log(await setUpCuda(options));
      if (!options.dryRun) warn(`to compute there: --set backend.device=cuda; ${calledAs()} doctor shows the GPUs`);
    });
}
