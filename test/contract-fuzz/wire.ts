// Requests onto the wire exactly as they are: `fetch` would mend paths and refuse headers before a server could.
import { Agent, request } from 'node:http';
import type { RawRequest } from './odd-requests.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly elapsedMs: number;
}

export interface Wire {
  /** The answer; `broken` where the connection ended without one, or nothing came within the limit. */
  send(one: RawRequest): Promise<RawAnswer | { readonly broken: string }>;
  close(): void;
}

const ANSWER_MS_MAX = 15_000;

/** Connections to an address, kept alive between requests. */
export function openWire(address: string, connectionsMax: number): Wire {
  const { hostname: host, port } = new URL(address);
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  const exchange = ({ method, target, headers, body }: RawRequest): Promise<RawAnswer> =>
    new Promise((done, fail) => {
      const startedAt = performance.now();
      // Said always: Node would send the body of a GET without its length, and the server read it as the next request.
      const length = body && { 'content-length': String(body.length) };
      const options = { agent, host, port, method, path: target, headers: { ...headers, ...length } };
      const sent = request({ ...options, timeout: ANSWER_MS_MAX });
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.on('error', (error) => fail(Object.assign(error, { isReused: sent.reusedSocket })));
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => void chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const elapsedMs = performance.now() - startedAt;
          done({ status: response.statusCode!, headers: response.headers, text, elapsedMs });
        });
      });
      sent.end(body);
    });
  const send = async (one: RawRequest): Promise<RawAnswer | { readonly broken: string }> => {
    try {
      return await exchange(one);
    } catch (error) {
      const { message, isReused } = error as Error & { isReused?: boolean };
      // The server may close a connection that waits (RFC 9112 §9.3.1); only on a new one is it the request's doing.
      if (!isReused) return { broken: message };
      return exchange(one).catch((again: Error) => ({ broken: again.message }));
    }
  };
  return { send, close: () => agent.destroy() };
}
