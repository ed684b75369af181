/** Runs the table's checks inside a browser; browser.test.ts calls `checkBackend`. */
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { allChecks, type Tolerance } from '../support/checks.ts';

declare global {
  var checkBackend: (backend: string, tolerance: Tolerance) => Promise<{ checks: number; failures: string[] }>;
}

setWasmPaths('/wasm/');

globalThis.checkBackend = async (backend, tolerance) => {
  if (!(await tf.setBackend(backend))) throw new Error(`the browser has no ${backend} backend`);
  await tf.ready();
  if (tf.getBackend() !== backend) throw new Error(`asked for ${backend}, got ${tf.getBackend()}`);
  const failures: string[] = [];
  const checks = allChecks();
  for (const { name, label, run } of checks) {
    try {
      await run(tolerance);
    } catch (error) {
      failures.push(`${name} ${label}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { checks: checks.length, failures };
};
