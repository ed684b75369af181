import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Two nodes of one core each on this machine, two partitions, and preemption; a node is lost after 8 s. */
const configuration = (folder: string, [control, first, second]: readonly number[]) => `
ClusterName=one
SlurmctldHost=localhost
SlurmctldPort=${control}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
ReturnToService=2
SlurmdSpoolDir=${folder}/%n
SlurmdPidFile=${folder}/%n.pid
SlurmdLogFile=${folder}/log/slurmd.%n.log
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmctldPidFile=${folder}/slurmctld.pid
StateSaveLocation=${folder}/state
SlurmdTimeout=8
MessageTimeout=5
KillWait=10
JobRequeue=1
AccountingStorageType=accounting_storage/none
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=3
DefMemPerCPU=500
SlurmctldParameters=preempt_send_user_signal
MpiDefault=none
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=${first} CPUs=1 RealMemory=2000
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=${second} CPUs=1 RealMemory=2000
PartitionName=low Nodes=n1,n2 Default=YES State=UP PriorityTier=1 PreemptMode=REQUEUE MaxTime=60
PartitionName=high Nodes=n1,n2 State=UP PriorityTier=10 MaxTime=60
`;

/** A Slurm cluster of its own in a temporary folder, with its munged. Root only. */
export class SlurmCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'dynact-slurm-'));
  /** By which Slurm's commands find it. */
  readonly environment = { ...process.env, SLURM_CONF: join(this.folder, 'slurm.conf') };
  readonly #daemons = new Map<string, ChildProcess>();

  /** @throws Error where a daemon of it is missing, with the command that brings it */
  static async start(): Promise<SlurmCluster> {
    const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch'].filter((name) => spawnSync(name, ['-V']).error);
    if (missing.length > 0) {
      throw new Error(`${missing.join(', ')} cannot be run here; as root, pnpm setup:system brings what is missing`);
    }
    const cluster = new SlurmCluster();
    const { folder } = cluster;
    for (const name of ['log', 'state', 'n1', 'n2']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'slurm.conf'), configuration(folder, await freePorts(3)));
    writeFileSync(join(folder, 'munge.key'), randomBytes(128), { mode: 0o600 });
    const munge = {
      socket: 'munge.socket',
      'key-file': 'munge.key',
      'pid-file': 'munge.pid',
      'log-file': 'log/munged.log',
    };
    const files = Object.entries({ ...munge, 'seed-file': 'munge.seed' });
    cluster.#start('munged', [
      '--foreground',
      '--force',
      ...files.map(([name, file]) => `--${name}=${join(folder, file)}`),
    ]);
    await waitFor(() => existsSync(join(folder, munge.socket)));
    cluster.#start('slurmctld', ['-D', '-f', cluster.environment.SLURM_CONF]);
    for (const node of ['n1', 'n2']) cluster.startNode(node);
    await waitFor(() =>
      /n1 idle.*n2 idle/s.test(cluster.ask('sinfo', '--noheader', '--Node', '--partition=low', '--format=%N %T')),
    );
    return cluster;
  }

  startNode(node: string): void {
    this.#start('slurmd', ['-D', '-N', node, '-f', this.environment.SLURM_CONF], node);
  }

  /** The process of a node's slurmd. */
  nodeProcess(node: string): ChildProcess {
    return this.#daemons.get(node)!;
  }

  /** Standard output of a command of Slurm; empty where it fails. */
  ask(command: string, ...parameters: string[]): string {
    try {
      const options = { env: this.environment, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
      return execFileSync(command, parameters, options).toString();
    } catch {
      return '';
    }
  }

  /** Jobs that have not ended: `17_3 RUNNING n1`. */
  jobs(): string[] {
    return this.ask('squeue', '--noheader', '--array', '--format=%F_%K %T %N').trim().split('\n').filter(Boolean);
  }

  /** Jobs that begin again do so at once, not after Slurm's two minutes. */
  hurry(): void {
    for (const line of this.jobs()) {
      const [id = '', state] = line.split(' ');
      if (state === 'PENDING') this.ask('scontrol', 'update', `jobid=${id}`, 'StartTime=now');
    }
  }

  /** Ends everything that it started. */
  async stop(): Promise<void> {
    this.ask('scancel', '--full', '--signal=KILL', '--user=root');
    await setTimeout(500);
    for (const daemon of [...this.#daemons.values()].reverse()) {
      daemon.kill('SIGCONT');
      daemon.kill('SIGTERM');
    }
    await Promise.all([...this.#daemons.values()].map(ended));
    rmSync(this.folder, { recursive: true, force: true });
  }

  log(name: string): string {
    return readFileSync(join(this.folder, 'log', name), 'utf8');
  }

  #start(program: string, parameters: string[], name = program): void {
    const daemon = spawn(program, parameters, { env: this.environment, stdio: 'ignore' });
    this.#daemons.set(name, daemon);
  }
}

/** Looks several times a second until a condition holds. */
export async function waitFor(condition: () => boolean, seconds = 180): Promise<void> {
  for (const deadline = performance.now() + seconds * 1000; !condition(); ) {
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain for ${condition}`);
    await setTimeout(200);
  }
}

function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    daemon.on('exit', () => resolve());
    void setTimeout(5000).then(() => daemon.kill('SIGKILL'));
  });
}

/** Ports below those that a system gives away by itself; each process of one call of vitest has a range of its own. */
async function freePorts(count: number): Promise<number[]> {
  const first = 20_000 + 1000 * Number(process.env.VITEST_POOL_ID ?? 0);
  const ports: number[] = [];
  for (let port = first; ports.length < count; port++) if (await isFree(port)) ports.push(port);
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
