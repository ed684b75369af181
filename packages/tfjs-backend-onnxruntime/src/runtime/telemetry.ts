import { isMainThread } from 'node:worker_threads';
import { InputError } from '../errors.ts';

/*
 * ONNX Runtime's library sends events about the machine and its use to its makers, unless the process's environment says
 * ORT_DISABLE_TELEMETRY=1 before it is loaded: this module must be imported before the binding. Who wants it says 0.
 */
const name = 'ORT_DISABLE_TELEMETRY';

if (process.env[name] === undefined) {
  if (!isMainThread) {
    // A worker's environment is a copy, which the library does not see.
    throw new InputError(
      `onnxruntime backend: in a worker thread it cannot turn ONNX Runtime's telemetry off; import it in the main thread ` +
        `first, or start the process with ${name}=1 (or 0, to send it)`,
    );
  }
  process.env[name] = '1';
}
