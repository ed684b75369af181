import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A script in a process of its own, killed when the test is over. */
export interface Child {
  readonly process: ChildProcess;
  /** Waits until its output holds `text`; fails with all it printed when it ends before. */
  printed(text: string): Promise<void>;
  /** Waits for its end. @returns the exit code, null where a signal ended it */
  ended(): Promise<number | null>;
}

/** @param script its URL: `new URL('./support/children/x.ts', import.meta.url)` */
export function startChild(script: URL, ...scriptArguments: string[]): Child {
  const child = spawn(
    process.execPath,
    ['--conditions=@dynact/source', '--import', 'tsx', fileURLToPath(script), ...scriptArguments],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
      child.emit('output');
    });
  }
  return {
    process: child,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (output.includes(text)) resolve();
        };
        child.on('output', look);
        void ended.then((code) => reject(new Error(`ended with ${code} before printing ${text}:\n${output}`)));
        look();
      }),
    ended: () => ended,
  };
}
