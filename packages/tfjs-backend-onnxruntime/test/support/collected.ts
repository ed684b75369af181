import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { onnxRuntime } from '../../src/runtime/library.ts';

let collect: (() => void) | undefined;

/** Collects what nobody has any more, and releases what it held of the native library. */
export async function collectGarbage(): Promise<void> {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // Targets of weak references live until the turn ends, and finalizers run in a turn of their own.
  for (let turn = 0; turn < 2; turn++) {
    await setImmediate();
    collect();
    await setImmediate();
  }
}

/** How much lives of the native library, by kind, without what other tests left to be collected, perhaps during this one. */
export async function livingNow() {
  await collectGarbage();
  return { ...onnxRuntime().living };
}
