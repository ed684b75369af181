import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderCopy } from '../../../test/fuzz/folder-copy.ts';
import type { FuzzTarget } from '../../../test/fuzz/target.ts';
import { createRunFolder, decodeSafetensors, encodeSafetensors, openRunFolder, readRunFolder } from '../src/index.ts';
import { checkpointOf, runConfig, trainRecord } from './support/values.ts';

const old = fileURLToPath(new URL('./fixtures/version-0.1/dynactglu-seed-0', import.meta.url));
const weights = encodeSafetensors(
  new Map([
    ['gain', { shape: [3], data: new Float32Array(3) }],
    ['weight', { shape: [2, 2], data: new Float32Array(4) }],
  ]),
  { format: 'pt' },
);

const sample = mkdtempSync(join(tmpdir(), 'dynact-fuzz-sample-'));
const run = createRunFolder(sample, runConfig);
run.append(trainRecord(1));
run.writeCheckpoint(1, { ...checkpointOf(0), weights: new Map(), optimizer: new Map() });
run.close();
cpSync(join(old, 'summary.json'), join(sample, 'summary.json'));
const copyRun = folderCopy(sample);

/** A whole run folder with the input in place of one of its files, read and opened to go on with. */
function runFolder(name: string, ...more: Uint8Array[]): FuzzTarget {
  return {
    kind: 'run and comparison folders',
    name,
    samples: [readFileSync(join(sample, name)), ...more],
    read(input, folder) {
      copyRun(folder);
      writeFileSync(join(folder, name), input);
      const reader = readRunFolder(folder);
      reader.records();
      reader.readSummary();
      reader.readCheckpoint();
      openRunFolder(folder).close();
    },
  };
}

export const targets: FuzzTarget[] = [
  {
    kind: 'safetensors',
    name: 'safetensors',
    samples: [weights],
    read: (input) => void decodeSafetensors(input),
  },
  runFolder('config.json', readFileSync(join(old, 'config.json'))),
  runFolder('metrics.jsonl', readFileSync(join(old, 'metrics.jsonl'))),
  runFolder('summary.json'),
  runFolder('checkpoints/step-00000001/state.json'),
  runFolder('checkpoints/step-00000001/weights.safetensors', weights),
];
rmSync(sample, { recursive: true });
