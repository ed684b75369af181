import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from 'commander';
import { repositoryRoot } from '../repository.ts';

/** The benchmark belongs to the data package and measures its threads, so it runs in a process of its own. */
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
    const cwd = join(repositoryRoot, 'packages', 'data');
    const child = spawn(process.execPath, ['--import', 'tsx', 'bench/data.ts', ...given], { cwd, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    process.exitCode = code ?? 1;
  });
