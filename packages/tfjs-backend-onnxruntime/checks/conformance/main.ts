import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleSpecs } from './bundle.ts';

/*
 * pnpm test:conformance: TensorFlow.js's own specs on this backend at one and at two threads, and on tfjs-cpu in the same
 * harness. Every spec that does not pass here is listed with its reason in exceptions.json: a listed spec that passes,
 * and one that fails without being listed, is an error. With --webgpu or --cuda they run on that device only.
 */

interface Spec {
  name: string;
  status: 'passed' | 'failed' | 'pending' | 'excluded';
  message?: string;
}

const here = dirname(fileURLToPath(import.meta.url));
const exceptions = JSON.parse(readFileSync(join(here, 'exceptions.json'), 'utf8')) as Record<string, string>;
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
const gpu = (['webgpu', 'cuda'] as const).find((device) => process.argv.includes(`--${device}`));
const verbose = process.argv.includes('--verbose');

try {
  // Beside the sources, so that the bundle finds the native modules.
  const bundle = join(here, '..', '..', 'node_modules', '.conformance.cjs');
  await bundleSpecs(bundle);
  let problems = 0;
  const runs = [
    ['onnxruntime', 1, 'cpu'],
    ['onnxruntime', 2, 'cpu'],
    ['cpu', 1, 'cpu'],
  ] as const;
  for (const [backend, threads, device] of gpu ? ([['onnxruntime', 1, gpu]] as const) : runs) {
    const specs = runSpecs(bundle, backend, threads, device);
    const count = (status: Spec['status']) => specs.filter((spec) => spec.status === status).length;
    const place = device !== 'cpu' ? device : `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    const label = backend === 'cpu' ? 'tfjs-cpu' : `onnxruntime, ${place}`;
    console.log(
      `${label}: ${specs.length} specs, ${count('passed')} passed, ${count('failed')} failed, ${count('pending')} pending`,
    );
    if (backend === 'onnxruntime') problems += check(specs);
  }
  if (problems > 0) {
    console.error(`${problems} differences from checks/conformance/exceptions.json`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

function runSpecs(bundle: string, backend: string, threads: number, device: string): Spec[] {
  const results = join(folder, `${backend}-${threads}.json`);
  const { status, stderr } = spawnSync(process.execPath, [join(here, 'run-specs.cjs'), bundle, results], {
    encoding: 'utf8',
    env: {
      ...process.env,
      CONFORMANCE_BACKEND: backend,
      CONFORMANCE_THREADS: String(threads),
      CONFORMANCE_DEVICE: device,
    },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`the specs on ${backend} ended with status ${status}\n${stderr.slice(-4000)}`);
  return JSON.parse(readFileSync(results, 'utf8')) as Spec[];
}

/** Prints what differs from the list; returns how much does. */
function check(specs: readonly Spec[]): number {
  const failed = new Map(specs.filter(({ status }) => status === 'failed').map((spec) => [spec.name, spec]));
  const unlisted = [...failed.values()].filter(({ name }) => !(name in exceptions));
  const stale = Object.keys(exceptions).filter((name) => !failed.has(name));
  for (const { name, message } of unlisted) console.error(`  fails, not listed: ${name}\n      ${message}`);
  for (const name of stale) console.error(`  listed, but does not fail: ${name}`);
  if (verbose) for (const name of failed.keys()) console.log(`  ${name}: ${exceptions[name]}`);
  return unlisted.length + stale.length;
}
