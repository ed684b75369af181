import { Worker } from 'node:worker_threads';
import { type Argument, functions } from './api.ts';
import type { OnnxRuntime } from './library.ts';
import { koffiFile } from './native-files.cjs';

/** A run on the thread. */
export interface Flight {
  /** Fulfilled when the run has returned, whatever it returned. */
  readonly returned: Promise<void>;
  /** Blocks until the run has returned. Gives its status. */
  wait(): bigint | null;
}

/** Places in the memory that a run shares with the thread, and what stands in the first one after the run. */
const [flag, status] = [0, 1];
const [done, lost] = [1n, 2n];

/** Calls ONNX Runtime for whoever sends a message. CommonJS, which needs no file of its own. */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const koffi = require(workerData.koffi);
// Before a first load koffi has no stack for calls in this thread.
koffi.load(null);
const run = koffi.decode(workerData.address, koffi.proto('void *run(' + workerData.parameters + ')'));
parentPort.on('message', ({ shared, values }) => {
  const memory = new BigInt64Array(shared);
  memory[${status}] = run(...values) ?? 0n;
  Atomics.store(memory, ${flag}, ${done}n);
  Atomics.notify(memory, ${flag});
  parentPort.postMessage(undefined);
});
`;

/** A thread that calls ONNX Runtime's Run, one after the other, while JavaScript goes on. */
export class RunThread {
  readonly #worker: Worker;
  readonly #waiting: { readonly memory: BigInt64Array; readonly resolve: () => void }[] = [];
  #failure: Error | undefined;

  constructor(runtime: OnnxRuntime) {
    const { Run } = functions;
    this.#worker = new Worker(program, {
      eval: true,
      execArgv: [],
      // NODE_OPTIONS is left out: a program that it preloads may take more than the limits below allow.
      env: {},
      workerData: { koffi: koffiFile(), address: runtime.addresses.Run, parameters: Run[1] },
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
    });
    this.#worker.on('message', () => {
      this.#waiting.shift()?.resolve();
      if (this.#waiting.length === 0) this.#worker.unref();
    });
    this.#worker.on('error', (error) => {
      this.#failure = new Error(`onnxruntime backend: the thread of asynchronous runs ended: ${error.message}`);
      for (const { memory, resolve } of this.#waiting.splice(0)) {
        Atomics.compareExchange(memory, flag, 0n, lost);
        resolve();
      }
    });
    this.#worker.unref();
  }

  /** Whether it has ended: what it ran is lost, and it runs no more. */
  get isLost(): boolean {
    return this.#failure !== undefined;
  }

  /** @param values arguments of Run: numbers and addresses, of memory that outlives it */
  start(values: readonly Argument[]): Flight {
    const memory = new BigInt64Array(new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT));
    const returned = new Promise<void>((resolve) => this.#waiting.push({ memory, resolve }));
    // A process does not end before a run that somebody awaits.
    this.#worker.ref();
    this.#worker.postMessage({ shared: memory.buffer, values });
    const wait = () => {
      Atomics.wait(memory, flag, 0n);
      if (memory[flag] === lost) throw this.#failure!;
      return memory[status]! === 0n ? null : BigInt.asUintN(64, memory[status]!);
    };
    return { returned, wait };
  }
}
