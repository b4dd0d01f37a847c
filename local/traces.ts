// Where spans go on this machine: takes OTLP over HTTP as any collector does, and shows the traces as pages.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLocalOrigin } from './origins.ts';
import type { RunningServer, ServerOptions } from './server.ts';
import { CollectedTraces } from './traces/collected.ts';
import { listPage, tracePage } from './traces/page.ts';

const BODY_BYTES_MAX = 8 * 1_048_576;

/** Starts the server; port 0 takes a free one. A server of the environment's own takes its place by `OTEL_EXPORTER_OTLP_ENDPOINT`. */
export async function startTraces(options: Pick<ServerOptions, 'port'>): Promise<RunningServer> {
  const traces = new CollectedTraces();
  const server = createServer((request, response) => {
    answer(traces, request, response).catch(() => response.writeHead(400).end());
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
  const { pathname } = new URL(request.url ?? '/', 'http://local');
  if (!isLocalOrigin(request.headers.origin)) return void response.writeHead(403).end();
  if (request.method === 'POST' && pathname === '/v1/traces') {
    traces.add(JSON.parse(await bodyOf(request)));
    return void response.setHeader('content-type', 'application/json').end('{}');
  }
  const traceId = /^\/traces\/([0-9a-f]{32})$/.exec(pathname)?.[1];
  const trace = traceId === undefined ? undefined : traces.find(traceId);
  if (pathname === '/' || pathname === '/traces') return show(response, 200, listPage(traces.list()));
  return trace ? show(response, 200, tracePage(trace)) : void response.writeHead(404).end();
}

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
    if (bytes > BODY_BYTES_MAX) throw new RangeError('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
