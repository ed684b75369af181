import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Condition under which a request is answered. */
export interface Access {
  /** The address that the server listens on. */
  readonly host: string;
  /** Needed in every address where others than this machine reach the server. */
  readonly token: string | null;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/;

export function isLoopback(host: string): boolean {
  return loopback.test(host);
}

/**
 * Why a request is refused; undefined for a good one. A page of another origin cannot ask by a name of its own that leads
 * here: `Host` must be this server's.
 * @param isPublic whether the same is served to everybody
 */
export function refusal(
  request: IncomingMessage,
  url: URL | undefined,
  { host, token }: Access,
  isPublic: boolean,
): [status: number, reason: string] | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') return [405, 'this server only answers GET'];
  if (url === undefined) return [400, 'this is no address'];
  const asked = hostName(request.headers.host);
  // Where there is a token, who does not know it gets nothing by any name.
  if (asked === undefined || !(isLoopback(asked) || asked === host || token !== null)) {
    return [421, 'this server has another name'];
  }
  if (token !== null && !isPublic && !isEqual(url.searchParams.get('token') ?? '', token)) {
    return [403, 'the token of the address is missing or wrong: use the address that dynact dashboard printed'];
  }
  return undefined;
}

/** The name in a Host header, without the port. */
function hostName(header: string | undefined): string | undefined {
  return /^(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::\d{1,5})?$/.exec(header ?? '')?.[1]?.toLowerCase();
}

function isEqual(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
