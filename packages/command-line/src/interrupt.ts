import { readFileSync } from 'node:fs';
import { exitCodes } from './exit-codes.ts';

const handled = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let received: (typeof handled)[number] | undefined;

/**
 * A signal that SIGINT (Ctrl-C), SIGTERM or SIGHUP (a closed terminal) aborts, so that work can be saved; a second one ends
 * the process at once, but for SIGTERM in a job of a cluster: its engine sends several, and SIGKILL when it means it.
 * `release` takes the handlers away.
 */
export function interruptSignal(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const handler = (name: NodeJS.Signals) => {
    received = handled.find((known) => known === name);
    if (controller.signal.aborted && isOfCluster(name)) return;
    if (controller.signal.aborted) process.exit(interruptedCode());
    process.stderr.write('\nstopping after this step; once more to stop at once\n');
    controller.abort();
  };
  const watched = handled.filter((name) => name !== 'SIGHUP' || !hangUpIsIgnored());
  for (const name of watched) process.on(name, handler);
  return {
    signal: controller.signal,
    release() {
      for (const name of watched) process.off(name, handler);
    },
  };
}

/**
 * The exit code of work that a signal ended. What a cluster's engine ends, at a time limit or for somebody else's job, wants
 * to be called again.
 */
export function interruptedCode(): number {
  if (isOfCluster(received)) return exitCodes.callAgain;
  return received === undefined ? exitCodes.interrupted : exitCodes[received];
}

function isOfCluster(signal: string | undefined): boolean {
  return signal === 'SIGTERM' && process.env.SLURM_JOB_ID !== undefined;
}

/** Whether the process was started by nohup, whose purpose a handler would undo. Linux only. */
function hangUpIsIgnored(): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}
