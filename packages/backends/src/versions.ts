import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BackendName } from './probe.ts';
import { tensorflowPackage } from './tensorflow.ts';

/**
 * The version of an installed package, or undefined.
 * @param from the URL of the module, or the name of the package of the house, that depends on it
 */
export function packageVersion(name: string, from: string = import.meta.url): string | undefined {
  try {
    const here = createRequire(from.startsWith('@dynact/') ? import.meta.url : from);
    const require = from.startsWith('@dynact/') ? createRequire(here.resolve(`${from}/package.json`)) : here;
    const manifest = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')) as { version: string };
    return manifest.version;
  } catch {
    return undefined;
  }
}

/** The commit of the git repository that a folder lies in; null where there is none. */
export function commitOf(folder: string): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return null;
  }
}

/** The version of ONNX Runtime, whose library the backend's package carries. */
function onnxRuntimeVersion(): string | undefined {
  const manifest = createRequire(import.meta.url).resolve('@dynact/tfjs-backend-onnxruntime/package.json');
  const { devDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as { devDependencies: Record<string, string> };
  return devDependencies['onnxruntime-node'];
}

/** Versions of the software that computes. @param backend whose own package is named as well */
export function softwareVersions(backend?: BackendName): Record<string, string> {
  const tensorflow = backend === 'tensorflow' ? tensorflowPackage() : { missing: 'not asked for' };
  const tfjsBackend = `@tensorflow/tfjs-backend-${backend}`;
  const found = {
    node: process.versions.node,
    '@tensorflow/tfjs-core': packageVersion('@tensorflow/tfjs-core'),
    'onnxruntime-node': onnxRuntimeVersion(),
    ...('missing' in tensorflow ? {} : { [tensorflow.name]: tensorflow.version }),
    ...(backend === 'wasm' || backend === 'cpu' ? { [tfjsBackend]: packageVersion(tfjsBackend) } : {}),
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
