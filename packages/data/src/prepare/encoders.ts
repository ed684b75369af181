import { Worker } from 'node:worker_threads';
import type { CorpusTokenizer, TokenizerDescription } from '../tokenizer/byte-pair-tokenizer.ts';
import { type EncodedTask, encodeTask } from './encode-task.ts';
import type { Segment } from './tasks.ts';

/** Messages of a worker: once that it is ready, then the answer to each task. */
export type WorkerMessage = 'ready' | EncodedTask;

interface Job {
  readonly segments: readonly Segment[];
  readonly resolve: (encoded: EncodedTask) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread with the tasks it was sent, in the order in which their answers will come. */
interface Thread {
  readonly worker: Worker;
  readonly jobs: Job[];
  /** Nothing is sent to a thread that is still starting. */
  isReady: boolean;
}

/** Tasks sent to a thread ahead of its answers, so that it does not wait while this thread is busy. */
const jobsOfThread = 2;

const jobsAhead = 12;

/**
 * Encodes tasks on worker threads, and on this thread whenever it would have to wait for them: so one worker is this
 * thread alone, and two are this one and another.
 */
export class Encoders {
  /** Tasks to hand over before asking for the answer to the oldest, so that no thread idles. */
  readonly capacity: number;
  readonly #tokenizer: CorpusTokenizer;
  readonly #threads: readonly Thread[];
  readonly #waiting: Job[] = [];
  #failure: Error | undefined;

  /** @param count threads that encode, this one included */
  constructor(count: number, tokenizer: CorpusTokenizer) {
    this.#tokenizer = tokenizer;
    this.#threads = Array.from({ length: count - 1 }, () => this.#startThread());
    // Beside what is sent ahead enough for this thread to do while the oldest answer is late.
    this.capacity = count === 1 ? 1 : jobsOfThread * (count - 1) + jobsAhead;
  }

  encode(segments: readonly Segment[]): Promise<EncodedTask> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ segments, resolve, reject });
      this.#send();
    });
  }

  /** Encodes a task that no thread has been sent yet on this thread. @returns false if there is none */
  help(): boolean {
    const job = this.#waiting.shift();
    job?.resolve(encodeTask(job.segments, this.#tokenizer));
    return job !== undefined;
  }

  async close(): Promise<void> {
    for (const { worker } of this.#threads) worker.removeAllListeners('exit');
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #startThread(): Thread {
    const { encoding, vocabularySize } = this.#tokenizer;
    const thread: Thread = { worker: startWorker({ encoding, vocabularySize }), jobs: [], isReady: false };
    thread.worker.on('message', (message: WorkerMessage) => {
      if (message === 'ready') thread.isReady = true;
      else thread.jobs.shift()?.resolve(message);
      this.#send();
    });
    thread.worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    thread.worker.on('exit', (code) => this.#fail(new Error(`an encoding thread ended with code ${code}`)));
    return thread;
  }

  #send(): void {
    for (const thread of this.#threads) {
      while (thread.isReady && thread.jobs.length < jobsOfThread) {
        const job = this.#waiting.shift();
        if (job === undefined) return;
        thread.jobs.push(job);
        thread.worker.postMessage(job.segments);
      }
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const jobs = [...this.#threads.flatMap((thread) => thread.jobs.splice(0)), ...this.#waiting.splice(0)];
    for (const job of jobs) job.reject(error);
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
  return new Worker(start, { eval: true, workerData, execArgv: ['--conditions=@dynact/source'] });
}
