import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lastLine } from '../engine/contenders.ts';
import type { Place } from '../engine/models.ts';

/** Work of both generators: greedy tokens after a prompt that fills the context up to them. */
export interface GenerationWorkload {
  readonly vocabularySize: number;
  readonly width: number;
  readonly hiddenWidth: number;
  readonly layers: number;
  readonly heads: number;
  readonly context: number;
  readonly batch: number;
  readonly tokens: number;
  readonly threads: number;
  readonly device: Place['device'];
}

export interface TransformersRun {
  readonly version: string;
  readonly tokensPerSecond: number;
}

const script = fileURLToPath(new URL('./generate_transformers.py', import.meta.url));

/** A Llama of transformers in a process of its own. @returns why not, where it cannot run */
export async function runTransformers(
  python: string,
  workload: GenerationWorkload,
): Promise<TransformersRun | { reason: string }> {
  if (workload.device === 'webgpu') return { reason: 'it has no WebGPU' };
  const threads = `${workload.threads}`;
  const environment = { ...process.env, OMP_NUM_THREADS: threads, TOKENIZERS_PARALLELISM: 'false' };
  try {
    const { stdout } = await promisify(execFile)(python, [script, JSON.stringify(workload)], { env: environment });
    return JSON.parse(lastLine(stdout) ?? '') as TransformersRun;
  } catch (error) {
    const { code, stderr } = error as { code?: string | number; stderr?: string };
    if (code === 'ENOENT') return { reason: `there is no ${python}` };
    return { reason: `${python}: ${lastLine(stderr ?? '') ?? `ended with ${code}`}` };
  }
}
