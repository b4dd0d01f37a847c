// Where spans go on this machine: takes OTLP over HTTP as any collector does, and shows the traces as pages.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '#runtime/errors.ts';
import { FOREIGN_HOST_REMEDY, isForeign, MISDIRECTED } from '#runtime/http/hosts.ts';
import { isLocalOrigin, localHosts } from '../server/origins.ts';
import type { RunningServer, ServerOptions } from '../server/server.ts';
import { type CollectedTrace, CollectedTraces } from './collected.ts';
import { listPage, tracePage } from './page.ts';

const BODY_BYTES_MAX = 8 * 1_048_576;

/** Starts the server; port 0 takes a free one. A server of the environment's own takes its place by `OTEL_EXPORTER_OTLP_ENDPOINT`. */
export async function startTraces(options: Pick<ServerOptions, 'port'>): Promise<RunningServer> {
  const traces = new CollectedTraces();
  const hosts = localHosts();
  const server = createServer((request, response) => {
    if (isForeign(hosts, request)) return refuse(response, MISDIRECTED, FOREIGN_HOST_REMEDY);
    answer(traces, request, response).catch((error: unknown) => {
      refuse(response, error instanceof RangeError ? 413 : 400, messageOf(error));
      // Reads the rest of a refused body.
      request.resume();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', resolve);
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    name: 'traces',
    address: `${address}/traces`,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: address },
    pids: [],
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  traces: CollectedTraces,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local');
  if (!isLocalOrigin(request.headers.origin)) return void response.writeHead(403).end();
  if (request.method === 'POST' && pathname === '/v1/traces') return take(traces, request, response);
  const traceId = /^\/traces\/([0-9a-f]{32})$/.exec(pathname)?.[1];
  const trace = traceId === undefined ? undefined : traces.find(traceId);
  if (pathname === '/' || pathname === '/traces') return show(response, 200, listPage(traces.list()));
  if (trace && request.headers.accept === 'application/json') return tell(response, trace);
  return trace
    ? show(response, 200, tracePage(trace, { hasStatements: searchParams.get('statements') !== 'no' }))
    : void response.writeHead(404).end();
}

/** Good spans are kept and the others counted, as OTLP asks (partial success). */
async function take(
  traces: CollectedTraces,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity') {
    return refuse(
      response,
      415,
      'The header Content-Encoding names a coding that is not read here: send JSON as it is.',
    );
  }
  const { rejectedCount } = traces.add(parse(await bodyOf(request)));
  const partialSuccess =
    rejectedCount > 0
      ? {
          rejectedSpans: String(rejectedCount),
          errorMessage: 'Some spans lack an id, a name or times that are numbers.',
        }
      : undefined;
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ partialSuccess }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('The body is not JSON.');
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}

/** For programs. */
const tell = (response: ServerResponse, trace: CollectedTrace): void =>
  void response.setHeader('content-type', 'application/json').end(JSON.stringify(trace));

function show(response: ServerResponse, status: number, html: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    })
    .end(html);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError(`The body has more than ${BODY_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
