import { parentPort, workerData } from 'node:worker_threads';
import type { TokenizerDescription } from '../tokenizer/byte-pair-tokenizer.ts';
import { createCorpusTokenizer } from '../tokenizer/tokenizer.ts';
import { encodeTask } from './encode-task.ts';
import type { WorkerMessage } from './encoders.ts';
import type { Segment } from './tasks.ts';

/** A worker thread's main file: encodes the tasks it is sent, one after another. */

const port = parentPort;
if (port === null) throw new Error('encode-worker runs as a worker thread only');
const tokenizer = await createCorpusTokenizer(workerData as TokenizerDescription);
port.on('message', (segments: readonly Segment[]) => {
  const encoded = encodeTask(segments, tokenizer);
  port.postMessage(
    encoded satisfies WorkerMessage,
    Object.values(encoded).map((ids) => ids.buffer),
  );
});
port.postMessage('ready' satisfies WorkerMessage);
