import { once } from 'node:events';
import { userPath, wholeNumber } from '@dynact/command-line';
import { type DashboardOptions, openInBrowser, startDashboard } from '@dynact/dashboard';
import { InputError, makeFolder } from '@dynact/files';
import type { Command } from 'commander';
import { runsDirectory } from '../places.ts';

interface DashboardCommandOptions {
  readonly port?: number;
  readonly host?: string;
  readonly open?: boolean;
}

export function dashboardCommand(command: Command): void {
  command
    .argument('[folders...]', 'folders that hold them; runs/ by default')
    .option('--port <number>', 'of the page, 6007 or a free one by default', wholeNumber)
    .option('--host <address>', 'let others than this machine see the page, with the token of its address')
    .option('--open', 'open the page in the browser')
    .action(dashboard);
}

async function dashboard(folders: readonly string[], { open, port, host }: DashboardCommandOptions): Promise<void> {
  if (port !== undefined && port > 65_535) throw new InputError('usage', `--port ${port}: ports go up to 65535`);
  const options: DashboardOptions = {
    folders: folders.length === 0 ? [ownRuns()] : folders.map(userPath),
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
  };
  const { address, close } = await startDashboard(options);
  console.log(address);
  process.stderr.write('Ctrl-C ends it; runs go on without it\n');
  if (open) openInBrowser(address);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await close();
}

/** The folder that commands without --out write into, made where there is none yet: runs appear in it. */
function ownRuns(): string {
  const runs = runsDirectory();
  makeFolder(runs);
  return runs;
}

/** Shows a folder on the page while some work goes on. */
export async function watching(directory: string, work: () => Promise<void>): Promise<void> {
  const { address, close } = await startDashboard({ folders: [directory] });
  try {
    process.stderr.write(`the page: ${address}\n`);
    openInBrowser(address);
    await work();
  } finally {
    await close();
  }
}
