import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { InputError, systemErrorCode } from '@dynact/files/input-error';
import { type Access, isLoopback, refusal } from './access.ts';
import { EventStream } from './event-stream.ts';
import type { Reply, Request } from './messages.ts';
import { type PageFile, pageFiles, startWorker } from './parts.ts';
import { wishOf, zoomWishOf } from './wishes.ts';

/** Connections beyond are closed, and streams beyond refused: nobody has so many pages open. */
const most = { connections: 256, streams: 64 };
export const defaultPort = 6007;

export interface DashboardOptions {
  /** Folders that hold runs and comparisons, at any depth that people use. */
  readonly folders: readonly string[];
  /** By default 6007, or a free one where that is taken; 0 takes a free one. */
  readonly port?: number;
  /** By default 127.0.0.1. For any other than this machine's own address a token is needed, which `address` holds. */
  readonly host?: string;
}

export interface Dashboard {
  /** To open in a browser. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves the live page of some folders. It reads them only while a page is open, and writes nothing.
 * @throws InputError for a folder that is not there, a port that is taken, or an address that is not this machine's
 */
export async function startDashboard({ folders, port, host = '127.0.0.1' }: DashboardOptions): Promise<Dashboard> {
  const roots = folders.map(existingFolder);
  const token = isLoopback(host) ? null : randomBytes(16).toString('hex');
  const [files, worker] = await Promise.all([pageFiles(), startWorker(roots)]);
  const service = new Service(worker, files, { host, token });
  const server = createServer((request, response) => service.answer(request, response));
  server.maxConnections = most.connections;
  try {
    await listen(server, port, host);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  const { port: taken } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    address: `http://${name}:${taken}/${token === null ? '' : `?token=${token}`}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await worker.terminate();
    },
  };
}

function existingFolder(folder: string): string {
  if (!existsSync(folder)) throw new InputError('run-folder', `${folder} does not exist; name a folder of runs`);
  if (!statSync(folder).isDirectory()) throw new InputError('run-folder', `${folder} is no folder; name one of runs`);
  return realpathSync(folder);
}

/** Listens on a port; where none was named and the usual one is taken, on a free one. */
async function listen(server: Server, port: number | undefined, host: string): Promise<void> {
  const tryPort = (number: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(number, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await tryPort(port ?? defaultPort);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EADDRINUSE' && port === undefined) return tryPort(0);
    if (code === 'EADDRINUSE') throw new InputError('usage', `--port ${port}: it is taken; choose another one`);
    if (code === 'EACCES') throw new InputError('usage', `--port ${port}: permission denied; choose one above 1023`);
    if (code !== undefined) throw new InputError('usage', `--host ${host}: it is no address of this machine (${code})`);
    throw error;
  }
}

const headers = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Answers requests: the page's own files, a stream of events, parts of curves. It opens no file that a request names. */
class Service {
  readonly #worker: Worker;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #access: Access;
  readonly #streams = new Map<number, EventStream>();
  readonly #questions = new Map<number, ServerResponse>();
  #count = 0;

  constructor(worker: Worker, files: ReadonlyMap<string, PageFile>, access: Access) {
    [this.#worker, this.#files, this.#access] = [worker, files, access];
    worker.on('message', (reply: Reply) => this.#pass(reply));
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const target = request.url ?? '/';
    const url = URL.canParse(target, 'http://localhost') ? new URL(target, 'http://localhost') : undefined;
    const file = this.#files.get(url?.pathname ?? '');
    // Style and script are the same everywhere, so they need no token.
    const isPublic = file !== undefined && url?.pathname !== '/';
    const refused = refusal(request, url, this.#access, isPublic);
    if (refused !== undefined) reply(response, refused[0], 'text/plain', `${refused[1]}\n`);
    else if (file !== undefined) {
      // The page will ask for the runs as soon as its script is there.
      if (!isPublic) this.#ask({ kind: 'prepare' });
      reply(response, 200, file.type, file.body);
    } else if (url?.pathname === '/events') this.#open(request, url.searchParams, response);
    else if (url?.pathname === '/zoom') this.#zoom(url.searchParams, response);
    else reply(response, 404, 'text/plain', 'there is nothing here\n');
  }

  #open(request: IncomingMessage, parameters: URLSearchParams, response: ServerResponse): void {
    const last = request.headers['last-event-id'];
    const wish = wishOf(parameters, typeof last === 'string' ? last : '');
    if (wish === undefined) {
      reply(response, 400, 'text/plain', 'this page asks for something unknown\n');
      return;
    }
    if (this.#streams.size >= most.streams) {
      reply(response, 503, 'text/plain', 'too many pages are open\n');
      return;
    }
    const stream = this.#next();
    const onClose = () => {
      this.#streams.delete(stream);
      this.#ask({ kind: 'close', stream });
    };
    this.#streams.set(stream, new EventStream(response, onClose));
    this.#ask({ kind: 'open', stream, wish });
  }

  #zoom(parameters: URLSearchParams, response: ServerResponse): void {
    const wish = zoomWishOf(parameters);
    if (wish === undefined) {
      reply(response, 400, 'text/plain', 'this page asks for something unknown\n');
      return;
    }
    const question = this.#next();
    this.#questions.set(question, response);
    response.on('close', () => this.#questions.delete(question));
    this.#ask({ kind: 'zoom', question, wish });
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }

  #ask(request: Request): void {
    this.#worker.postMessage(request);
  }

  #pass(message: Reply): void {
    if (message.kind === 'event') {
      this.#streams.get(message.stream)?.send(message.text, message.position);
      return;
    }
    const response = this.#questions.get(message.question);
    if (response !== undefined) reply(response, 200, 'application/json', message.text);
  }
}

function reply(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
