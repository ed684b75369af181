import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the workspace. */
export const repositoryRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
/** Manifests, and token files beside them. DYNACT_DATASETS names another folder, such as one on a larger disk. */
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

const require = createRequire(import.meta.url);

/** The version of an installed package, or undefined. */
export function packageVersion(name: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8'));
    return typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What a run records of the software it ran on. */
export function versions(): Record<string, string> {
  const found: Record<string, string> = { node: process.versions.node };
  for (const name of ['@dynact/trainer', '@tensorflow/tfjs-core', 'onnxruntime-node', 'gpt-tokenizer']) {
    const version = packageVersion(name);
    if (version !== undefined) found[name] = version;
  }
  return found;
}
