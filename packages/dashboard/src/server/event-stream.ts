import type { ServerResponse } from 'node:http';

/** Bytes that may wait for a slow reader; one that falls further behind is let go, and comes back by itself. */
const mostWaiting = 64 * 1024 * 1024;
/** A comment now and then, so that neither side takes a quiet connection for a dead one. */
const heartbeatMs = 15_000;

/** One page's stream of events. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(response: ServerResponse, onClose: () => void) {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 1000\n\n');
    this.#heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs);
    response.on('close', () => {
      clearInterval(this.#heartbeat);
      onClose();
    });
  }

  /** @param text JSON, which has no line breaks of its own */
  send(text: string, position: string | null): void {
    if (this.#response.writableLength > mostWaiting) this.#response.destroy();
    else this.#response.write(`${position === null ? '' : `id: ${position}\n`}data: ${text}\n\n`);
  }

  end(): void {
    this.#response.end();
  }
}
