// Cloud Storage on this machine: a small JSON-API server of our own on node:http, since no package holds what the official
// client needs; it is an emulator and no Google software. It does what analytics and the console ask for (operations.ts) and
// refuses everything else. Data in one folder, on 127.0.0.1 unless it has a container for itself, no authentication, no object
// versions.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '#runtime/errors.ts';
import { FOREIGN_HOST_REMEDY, type HostRule, isForeign, MISDIRECTED } from '#runtime/http/hosts.ts';
import { elsewhere } from '../launcher/elsewhere.ts';
import { createFileLog } from '../server/file-log.ts';
import { isLocalOrigin, localHosts } from '../server/origins.ts';
import type { RunningServer, ServerOptions } from '../server/server.ts';
import { GcsFault, injected } from './fault.ts';
import { operationOf } from './operations.ts';
import { parseUrl, sendJson } from './request.ts';
import { GcsStore } from './store.ts';

const NAME = 'Cloud Storage';

/** What to do to one request instead of, or before, answering it. */
export interface InjectedFault {
  /** Answers with this HTTP status and changes nothing. */
  readonly status?: number;
  readonly delayMs?: number;
}

export interface GcsOptions extends ServerOptions {
  /** A server that takes this one's place; empty for none. @default `GCS_ENDPOINT` of the environment */
  readonly replacement?: string;
  /** Made if missing. */
  readonly buckets?: readonly string[];
  /** Lets a test answer with 429 or 503, or late. Only code that embeds the server can. */
  readonly onRequest?: (request: IncomingMessage) => InjectedFault | undefined;
}

/** Starts the server; port 0 takes a free one. */
export async function startGcs(options: GcsOptions): Promise<RunningServer> {
  const { replacement = process.env.GCS_ENDPOINT } = options;
  if (replacement) return elsewhere(NAME, 'GCS_ENDPOINT', replacement, () => fetch(replacement));
  const store = new GcsStore(join(options.dataDir, 'buckets'));
  const known = new Set(store.buckets().map(({ name }) => name));
  for (const name of options.buckets ?? []) if (!known.has(name)) store.createBucket(name);
  const log = createFileLog('gcs', options.logFile);
  const hosts = localHosts();
  const server = createServer((request, response) => {
    void answer(request, response, { store, log, hosts, onRequest: options.onRequest });
  });
  await listen(server, options.port, options.host);
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { GCS_ENDPOINT: endpoint };
  return { name: NAME, address: endpoint, env, pids: [], stop: () => close(server) };
}

interface Context {
  readonly store: GcsStore;
  readonly log: Logger;
  readonly hosts: HostRule;
  readonly onRequest: GcsOptions['onRequest'] | undefined;
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  try {
    const { status, delayMs = 0 } = context.onRequest?.(request) ?? {};
    if (delayMs > 0) await sleep(delayMs);
    if (status !== undefined) throw injected(status);
    if (isForeign(context.hosts, request))
      throw new GcsFault(MISDIRECTED, 'foreignHost', FOREIGN_HOST_REMEDY);
    if (!isLocalOrigin(request.headers.origin))
      throw new GcsFault(403, 'forbidden', 'Not for pages of other machines.');
    const call = { ...parseUrl(request.url ?? '/'), request, response, store: context.store };
    await operationOf(call)(call);
  } catch (error) {
    const fault = error instanceof GcsFault ? error : new GcsFault(500, 'internalError', messageOf(error));
    if (fault !== error)
      context.log.error({ method: request.method, url: request.url, error }, 'request failed');
    if (response.headersSent) response.destroy();
    else sendJson({ response }, fault.body(), fault.status);
    // Reads the rest of a refused body; otherwise the connection could not be used again.
    request.resume();
  }
}

const listen = (server: Server, port: number, host = '127.0.0.1'): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve());
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
