// A file server on this machine that stands in for the mirrors of the world, with their faults: it cuts connections, sends other
// contents, forgets ranges, or waits.
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KnownFile } from '../../local/downloads/origin.ts';

/** How it serves, for as long as it is so. */
export interface Conduct {
  /** Answers this instead of the file. */
  status?: number;
  /** Breaks the connection after so many bytes of each answer. */
  cutAfterBytes?: number;
  /** Sends bytes that are not the file's, as many. */
  isForged?: boolean;
  /** Answers every request with the whole file. */
  ignoresRanges?: boolean;
  /** Answers only afterwards. */
  gate?: Promise<void>;
  /** Sends so many bytes and then nothing. */
  stallAfterBytes?: number;
}

export interface Mirror {
  readonly url: string;
  readonly conduct: Conduct;
  /** `GET /name`, with the range that was asked for behind it. */
  readonly requests: readonly string[];
  readonly file: KnownFile;
  readonly contents: Buffer;
  close(): Promise<void>;
}

/** Serves one file under any path. */
export async function startMirror(contents = randomBytes(300_000)): Promise<Mirror> {
  const conduct: Conduct = {};
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.range ?? ''}`.trim());
    void Promise.resolve(conduct.gate).then(() => answer(request, response, contents, conduct));
  });
  const url = await listen(server);
  return {
    url,
    conduct,
    requests,
    contents,
    file: {
      name: 'runtime.bin',
      url: `${url}/runtime.bin`,
      sha256: createHash('sha256').update(contents).digest('hex'),
      bytes: contents.length,
      origin: { owner: 'the mirror', remedy: 'MIRROR names another' },
    },
    close: () => close(server),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  contents: Buffer,
  conduct: Conduct,
): void {
  if (conduct.status) return void response.writeHead(conduct.status).end('no');
  const first = conduct.ignoresRanges
    ? 0
    : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (first >= contents.length) return void response.writeHead(416).end();
  const source = conduct.isForged ? Buffer.alloc(contents.length, 'x') : contents;
  const body = source.subarray(first);
  response.writeHead(first > 0 ? 206 : 200, {
    'content-length': body.length,
    ...(first > 0 ? { 'content-range': `bytes ${first}-${contents.length - 1}/${contents.length}` } : {}),
  });
  const { cutAfterBytes, stallAfterBytes } = conduct;
  if (cutAfterBytes !== undefined)
    response.write(body.subarray(0, cutAfterBytes), () => setTimeout(() => response.destroy(), 20));
  else if (stallAfterBytes !== undefined) response.write(body.subarray(0, stallAfterBytes));
  else response.end(body);
}

/** On a free port of this machine. */
export async function listen(server: Server): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}
