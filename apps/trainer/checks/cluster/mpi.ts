import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, type Outcome, trainer, type Workbench } from '../../test/support/workbench.ts';

const repositoryRoot = fileURLToPath(new URL('../../../..', import.meta.url));
const mpichVersion = '5.0.2';

/** A way to start several processes, and what they need in their environment. */
export interface Launcher {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Debian's Open MPI, which else refuses root, and more processes than cores. @throws Error where it is missing */
export function openMpi(): Launcher {
  if (spawnSync('mpirun', ['--version']).error) {
    throw new Error('mpirun cannot be run here; as root, pnpm setup:system brings it');
  }
  return { command: ['mpirun', '--allow-run-as-root', '--oversubscribe'] };
}

/** MPICH from its Python wheel, in a folder that stays for the next time; undefined where Python or PyPI is out of reach. */
export function mpich(): Launcher | undefined {
  const folder = join(tmpdir(), `dynact-mpich-${mpichVersion}`);
  const library = join(folder, 'lib/libmpi.so.12');
  if (!existsSync(library)) {
    spawnSync('python3', ['-m', 'venv', folder], { stdio: ['ignore', 2, 2] });
    spawnSync(join(folder, 'bin/pip'), ['install', '--quiet', `mpich==${mpichVersion}`], { stdio: ['ignore', 2, 2] });
    if (!existsSync(library)) return undefined;
  }
  return { command: [join(folder, 'bin/mpirun')], environment: { DYNACT_MPI: library } };
}

/**
 * Two network namespaces with a wire between them, each a host to Open MPI: what crosses it is TCP.
 * @returns undefined where they cannot be made; else how to start a process in each, and what takes them away
 */
export function twoHosts(folder: string): { launcher: Launcher; remove: () => void } | undefined {
  const ip = (...parameters: string[]) => spawnSync('ip', parameters, { encoding: 'utf8' }).status === 0;
  const hosts = ['dynact-a', 'dynact-b'];
  const remove = () => {
    for (const host of hosts) ip('netns', 'delete', host);
  };
  const makes = [
    ...hosts.map((host) => ['netns', 'add', host]),
    ['link', 'add', 'wire', 'netns', hosts[0]!, 'type', 'veth', 'peer', 'name', 'wire', 'netns', hosts[1]!],
    ...hosts.flatMap((host, index) => [
      ['-n', host, 'address', 'add', `10.77.0.${index + 1}/24`, 'dev', 'wire'],
      ['-n', host, 'link', 'set', 'wire', 'up'],
      ['-n', host, 'link', 'set', 'lo', 'up'],
    ]),
  ];
  if (!makes.every((parameters) => ip(...parameters))) {
    remove();
    return undefined;
  }
  // In place of ssh: the first word is the host, the rest is for its shell. Hosts have temporary folders of their own: both
  // daemons would else make the same one, and the second to try would give up.
  const agent = join(folder, 'agent');
  const own = 'export TMPDIR="$(dirname "$0")/$host"\nmkdir -p "$TMPDIR"';
  writeFileSync(agent, `#!/bin/sh\nhost=$1\nshift\n${own}\nexec ip netns exec "$host" /bin/sh -c "$*"\n`);
  chmodSync(agent, 0o755);
  const mca = { plm_rsh_agent: agent, oob_tcp_if_include: 'wire', btl_tcp_if_include: 'wire', btl: 'tcp,self' };
  const options = Object.entries(mca).flatMap(([name, value]) => ['--mca', name, value]);
  const mpirun = ['mpirun', '--allow-run-as-root', '--host', hosts.map((host) => `${host}:1`).join(','), ...options];
  return { launcher: { command: ['ip', 'netns', 'exec', hosts[0]!, ...mpirun] }, remove };
}

/** `dynact` in so many processes. */
export function startRanks(bench: Workbench, { command, environment }: Launcher, count: number, parameters: string[]) {
  const [program, ...options] = [...command, '-n', String(count), process.execPath, ...trainer, ...parameters];
  return spawn(program!, options, {
    cwd: repositoryRoot,
    env: { ...process.env, NODE_PATH: '', ...bench.environment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function runRanks(bench: Workbench, launcher: Launcher, count: number, parameters: string[]): Promise<Outcome> {
  return ended(startRanks(bench, launcher, count, parameters));
}

/** The process of a rank of Open MPI that works on a folder. */
export function processOfRank(rank: number, folder: string): number | undefined {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.map(Number).find((pid) => {
    try {
      const [line, environment] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'));
      return line!.includes(folder) && environment!.split('\0').includes(`OMPI_COMM_WORLD_RANK=${rank}`);
    } catch {
      return false;
    }
  });
}
