import { availableParallelism } from 'node:os';
import {
  type CudaState,
  chooseBackend,
  gpuState,
  packageVersion,
  probeBackends,
  softwareVersions,
} from '@dynact/backends';
import { textTable } from '@dynact/command-line';
import type { Command } from 'commander';
import { gitCommit, programVersions } from '../identity.ts';

export function doctorCommand(command: Command): void {
  command.option('--json', 'print one JSON document').action(doctor);
}

async function doctor({ json }: { json?: boolean }): Promise<void> {
  const backends = await probeBackends();
  const chosen = chooseBackend(backends);
  const cuda = await gpuState();
  const cores = availableParallelism();
  const installed = {
    ...softwareVersions(),
    ...programVersions(),
    '@tensorflow/tfjs': packageVersion('@tensorflow/tfjs'),
  };
  const commit = gitCommit();
  if (json) {
    console.log(JSON.stringify({ chosen, backends, cuda, cores, versions: installed, gitCommit: commit }));
    return;
  }
  console.log(`backend in use: ${chosen.name}: ${chosen.reason}\n`);
  const rows = backends.map(({ name, loads, trains, note }) => [
    name,
    loads ? 'loads' : 'does not load',
    trains ? 'trains' : 'cannot train',
    note,
  ]);
  // The notes are long, so they stand behind, to the left.
  console.log(
    rows
      .map(([name, ...rest]) => `${name!.padEnd(13)}${rest[0]!.padEnd(15)}${rest[1]!.padEnd(14)}${rest[2]}`)
      .join('\n'),
  );
  if (cuda) console.log(`\n${describeGpus(cuda)}`);
  console.log(`\nthreads: ${cores} (the cores this process may use); set backend.threads to change it`);
  console.log(textTable(Object.entries(installed).map(([name, version]) => [name, version ?? '-'])));
  console.log(`commit: ${commit ?? 'not a git checkout'}`);
}

function describeGpus({ gpus, missing }: CudaState): string {
  if (gpus.length === 0) return `device cuda: ${missing}`;
  const gigabytes = (bytes: number) => `${Math.round(bytes / 1e9)} GB`;
  const rows = gpus.map(({ name, memory, free, driver, architecture }, index) => [
    `cuda:${index}`,
    name,
    memory === null ? 'memory of the machine' : `${gigabytes(memory)}, ${gigabytes(free ?? memory)} free`,
    `driver ${driver}`,
    `compute capability ${architecture}`,
  ]);
  return `${textTable(rows)}\n${missing === undefined ? 'works: set backend.device=cuda' : `not yet: ${missing}`}`;
}
