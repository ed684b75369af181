import { Worker } from 'node:worker_threads';
import { createTokenizer, type TokenizerDescription } from '../tokenizer/tokenizer.ts';
import { type EncodedTask, encodeTask } from './encode-task.ts';
import type { Segment } from './tasks.ts';

/** Encodes tasks, some at a time. */
export interface Encoders {
  /** How many tasks may wait or be worked on so that nobody idles. */
  readonly capacity: number;
  encode(segments: readonly Segment[]): Promise<EncodedTask>;
  close(): Promise<void>;
}

/** @param count 1 works in this thread; more are worker threads */
export async function createEncoders(count: number, description: TokenizerDescription): Promise<Encoders> {
  if (count > 1) return new WorkerEncoders(count, description);
  const tokenizer = await createTokenizer(description);
  return {
    capacity: 1,
    encode: async (segments) => encodeTask(segments, tokenizer),
    async close() {},
  };
}

interface Job {
  readonly segments: readonly Segment[];
  readonly resolve: (encoded: EncodedTask) => void;
  readonly reject: (error: Error) => void;
}

class WorkerEncoders implements Encoders {
  readonly capacity: number;
  readonly #workers: Worker[];
  readonly #idle: Worker[];
  readonly #waiting: Job[] = [];
  readonly #running = new Map<Worker, Job>();
  #failure: Error | undefined;

  constructor(count: number, { encoding, vocabularySize }: TokenizerDescription) {
    // One task for each to work on, one to go on with, and one for the next in order to be late.
    this.capacity = 3 * count;
    this.#workers = Array.from({ length: count }, () => startWorker({ encoding, vocabularySize }));
    this.#idle = [...this.#workers];
    for (const worker of this.#workers) {
      worker.on('message', (encoded: EncodedTask) => {
        const job = this.#running.get(worker);
        this.#running.delete(worker);
        this.#idle.push(worker);
        this.#assign();
        job?.resolve(encoded);
      });
      worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', (code) => {
        if (code !== 0) this.#fail(new Error(`an encoding thread ended with code ${code}`));
      });
    }
  }

  encode(segments: readonly Segment[]): Promise<EncodedTask> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ segments, resolve, reject });
      this.#assign();
    });
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) worker.removeAllListeners('exit');
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #assign(): void {
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      const worker = this.#idle.pop()!;
      const job = this.#waiting.shift()!;
      this.#running.set(worker, job);
      worker.postMessage(job.segments);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const job of [...this.#running.values(), ...this.#waiting.splice(0)]) job.reject(error);
    this.#running.clear();
  }
}

/** Published, the worker is JavaScript; in the workspace it is TypeScript, which tsx has to load inside the thread. */
function startWorker(workerData: TokenizerDescription): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./encode-worker.js', import.meta.url), { workerData });
  }
  const tsx = import.meta.resolve('tsx/esm/api');
  const worker = new URL('./encode-worker.ts', import.meta.url).href;
  const start = `import('${tsx}').then(({ register }) => { register(); return import('${worker}'); });`;
  return new Worker(start, { eval: true, workerData, execArgv: [] });
}
