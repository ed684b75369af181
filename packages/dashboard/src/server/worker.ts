import { parentPort, workerData } from 'node:worker_threads';
import type { Request } from './messages.ts';
import { Observer } from './observer.ts';

/** Milliseconds between looks at the logs; folders and states are looked at every few of them. */
const everyMs = 1000;
const looksPerRefresh = 3;

const port = parentPort!;
const observer = new Observer(workerData as string[], (reply) => port.postMessage(reply));
// Before the first page asks: that takes the longest.
observer.prepare();
let timer: NodeJS.Timeout | undefined;
let looks = 0;

function look(): void {
  timer = undefined;
  if (!observer.isWatched) return;
  looks += 1;
  if (looks % looksPerRefresh === 0) observer.refresh();
  const isMore = observer.read();
  observer.tell();
  // Requests are heard between two looks.
  timer = setTimeout(look, isMore ? 0 : everyMs);
}

port.on('message', (request: Request) => {
  if (request.kind === 'prepare') observer.prepare();
  else if (request.kind === 'zoom') observer.zoom(request.question, request.wish);
  else if (request.kind === 'close') observer.close(request.stream);
  else observer.open(request.stream, request.wish);
  if (request.kind !== 'open') return;
  clearTimeout(timer);
  timer = setTimeout(look, 0);
});
