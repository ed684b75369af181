import { spawn } from 'node:child_process';
import { InputError } from '@dynact/files';

/**
 * Runs a command of Slurm. Text formats only: `--json` changes with every release.
 * @param input of its standard input
 * @returns its standard output
 * @throws InputError where there is no such command, or where it refuses, with its own words
 */
export function slurm(command: 'sbatch' | 'squeue' | 'scancel' | 'scontrol', parameters: string[], input = '') {
  return new Promise<string>((resolve, reject) => {
    const child = spawn(command, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
    const [out, errors]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (part: Buffer) => out.push(part));
    child.stderr.on('data', (part: Buffer) => errors.push(part));
    child.on('error', ({ message }) => {
      const advice = "call it where the cluster's commands are, or choose --executor processes";
      reject(new InputError('device', `Slurm's ${command} cannot be run (${message}); ${advice}`));
    });
    child.on('close', (status) => {
      if (status === 0) return resolve(String(Buffer.concat(out)));
      const lines = String(Buffer.concat(errors)).split('\n');
      const said = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('Try "'));
      // Of several lines of its own the last says what follows from those before it.
      const reason = said.findLast((line) => line.startsWith(command)) ?? (said.join('; ') || `exit code ${status}`);
      reject(new InputError('usage', `Slurm refused: ${reason.startsWith(command) ? '' : `${command}: `}${reason}`));
    });
    // One that ends without reading says why on stderr.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
