import { Worker } from 'node:worker_threads';
import { createCorpusTokenizer, type TokenizerDescription } from '../tokenizer/tokenizer.ts';
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
  const tokenizer = await createCorpusTokenizer(description);
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

/** A thread with the tasks it was sent, in the order in which their answers will come. */
interface Thread {
  readonly worker: Worker;
  readonly jobs: Job[];
}

/** Tasks sent to a thread ahead of its answers, so that it never waits for this thread to send the next. */
const jobsOfThread = 2;

class WorkerEncoders implements Encoders {
  readonly capacity: number;
  readonly #threads: Thread[];
  readonly #waiting: Job[] = [];
  #failure: Error | undefined;

  constructor(count: number, { encoding, vocabularySize }: TokenizerDescription) {
    // As many again as are sent, because the answers are needed in order and one may be late.
    this.capacity = 2 * jobsOfThread * count;
    this.#threads = Array.from({ length: count }, () => {
      const thread: Thread = { worker: startWorker({ encoding, vocabularySize }), jobs: [] };
      thread.worker.on('message', (encoded: EncodedTask) => {
        thread.jobs.shift()?.resolve(encoded);
        this.#assign();
      });
      thread.worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
      thread.worker.on('exit', (code) => {
        if (code !== 0) this.#fail(new Error(`an encoding thread ended with code ${code}`));
      });
      return thread;
    });
  }

  encode(segments: readonly Segment[]): Promise<EncodedTask> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ segments, resolve, reject });
      this.#assign();
    });
  }

  async close(): Promise<void> {
    for (const { worker } of this.#threads) worker.removeAllListeners('exit');
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#threads.reduce((least, other) => (other.jobs.length < least.jobs.length ? other : least));
      if (thread.jobs.length >= jobsOfThread) return;
      const job = this.#waiting.shift()!;
      thread.jobs.push(job);
      thread.worker.postMessage(job.segments);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const job of [...this.#threads.flatMap(({ jobs }) => jobs.splice(0)), ...this.#waiting.splice(0)]) {
      job.reject(error);
    }
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
