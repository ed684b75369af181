import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

/** The benchmark measures threads of its own making, so it runs in a process of its own. */
export const dataCommand = new Command('data')
  .description('MB/s and tokens/s of preparing a corpus, beside gpt-tokenizer and tiktoken; the cost of a batch')
  .option('--megabytes <count>', 'size of the generated text')
  .option('--rounds <count>', 'the best of so many counts')
  .option('--json', 'print one JSON document')
  .action(async (options: { megabytes?: string; rounds?: string; json?: boolean }) => {
    const given = [
      ...(options.megabytes === undefined ? [] : ['--megabytes', options.megabytes]),
      ...(options.rounds === undefined ? [] : ['--rounds', options.rounds]),
      ...(options.json ? ['--json'] : []),
    ];
    const program = fileURLToPath(new URL('./prepare.ts', import.meta.url));
    const child = spawn(process.execPath, [...process.execArgv, program, ...given], { stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    process.exitCode = code ?? 1;
  });
