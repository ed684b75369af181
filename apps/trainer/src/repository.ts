import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackendName } from './backend/probe.ts';
import { tensorflowPackage } from './backend/tensorflow.ts';

/** The root of the workspace. */
export const repositoryRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
/** Definitions, and token files beside them. DYNACT_DATASETS names another folder, such as one on a larger disk. */
export const datasetsDirectory = process.env.DYNACT_DATASETS ?? join(repositoryRoot, 'datasets');
export const runsDirectory = join(repositoryRoot, 'runs');

/** The commit of the workspace, or null outside a git checkout. */
export function gitCommit(): string | null {
  try {
    const options = { cwd: repositoryRoot, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', ['rev-parse', 'HEAD'], options).toString().trim();
  } catch {
    return null;
  }
}

const trainerManifest = fileURLToPath(new URL('../package.json', import.meta.url));

/** The version of an installed package, or undefined. `through` names the package of the house that depends on it. */
export function packageVersion(name: string, through?: string): string | undefined {
  try {
    const trainer = createRequire(trainerManifest);
    const from = through === undefined ? trainer : createRequire(trainer.resolve(`${through}/package.json`));
    return versionIn(from.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** What a run records of the software it ran on. @param backend whose own package is named as well */
export function versions(backend?: BackendName): Record<string, string> {
  const tensorflow = backend === 'tensorflow' ? tensorflowPackage() : { missing: 'not asked for' };
  const tfjsBackend = `@tensorflow/tfjs-backend-${backend}`;
  const found = {
    node: process.versions.node,
    '@dynact/trainer': versionIn(trainerManifest),
    '@tensorflow/tfjs-core': packageVersion('@tensorflow/tfjs-core'),
    'onnxruntime-node': packageVersion('onnxruntime-node', '@dynact/tfjs-backend-onnxruntime'),
    ...('missing' in tensorflow ? {} : { [tensorflow.name]: tensorflow.version }),
    ...(backend === 'wasm' || backend === 'cpu' ? { [tfjsBackend]: packageVersion(tfjsBackend) } : {}),
    'gpt-tokenizer': packageVersion('gpt-tokenizer', '@dynact/data'),
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function versionIn(manifestPath: string): string {
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { version: string };
  return manifest.version;
}
