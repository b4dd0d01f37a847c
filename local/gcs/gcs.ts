// Cloud Storage on this machine: a small JSON-API server of our own on node:http, since no package holds what the official
// client needs; it is an emulator and no Google software. Data in one folder, on 127.0.0.1 unless it has a container for itself, no authentication, no
// object versions. Proven through the official client by gcs.spec.ts.
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
import { handleBucket, handleBuckets } from './buckets.ts';
import { GcsFault, injected } from './fault.ts';
import { handleList, handleObject } from './objects.ts';
import { type Call, parseUrl, sendFault } from './request.ts';
import { GcsStore } from './store.ts';
import { handleCompose, handleCopy } from './transfers.ts';
import { UploadSessions } from './upload-sessions.ts';
import { handleUpload } from './uploads.ts';

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
  const sessions = new UploadSessions(join(options.dataDir, 'uploads'));
  const log = createFileLog('gcs', options.logFile);
  const hosts = localHosts();
  const server = createServer((request, response) => {
    void answer(request, response, { store, sessions, log, hosts, onRequest: options.onRequest });
  });
  await listen(server, options.port, options.host);
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await createBuckets(endpoint, options.buckets ?? []);
  const env = { GCS_ENDPOINT: endpoint };
  return { name: NAME, address: endpoint, env, pids: [], stop: () => close(server) };
}

interface Context extends Pick<Call, 'store' | 'sessions'> {
  readonly log: Logger;
  readonly hosts: HostRule;
  readonly onRequest: GcsOptions['onRequest'] | undefined;
}

async function answer(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  try {
    const { status, delayMs = 0 } = context.onRequest?.(request) ?? {};
    if (delayMs > 0) await sleep(delayMs);
    if (status !== undefined) throw injected(status);
    const { method = 'GET', url = '/', headers } = request;
    if (isForeign(context.hosts, request))
      throw new GcsFault(MISDIRECTED, 'foreignHost', FOREIGN_HOST_REMEDY);
    if (!isLocalOrigin(headers.origin))
      throw new GcsFault(403, 'forbidden', 'Not for pages of other machines.');
    const origin = `http://${headers.host}`;
    const { store, sessions } = context;
    await route({ ...parseUrl(url), request, response, method, origin, store, sessions });
  } catch (error) {
    const fault = error instanceof GcsFault ? error : new GcsFault(500, 'internalError', messageOf(error));
    if (fault !== error)
      context.log.error({ method: request.method, url: request.url, error }, 'request failed');
    if (response.headersSent) response.destroy();
    else sendFault(response, fault);
    // The rest of a body that nobody wants; else the connection could not be used again.
    request.resume();
  }
}

async function route(call: Call): Promise<void> {
  const [bucket, collection, object, verb] = call.path;
  if (call.isUpload && collection === 'o' && object === undefined) return handleUpload(call);
  if (!bucket) return handleBuckets(call);
  if (collection === undefined) return handleBucket(call);
  if (collection === 'o' && object === undefined && call.method === 'GET') return handleList(call);
  if (collection === 'o' && object !== undefined) {
    if (verb === undefined) return handleObject(call);
    if (call.method === 'POST' && verb === 'compose') return handleCompose(call);
    if (call.method === 'POST' && /^(rewriteTo|copyTo|moveTo)$/.test(verb)) return handleCopy(call);
  }
  throw new GcsFault(404, 'notFound', `This server does not know ${call.method} ${call.path.join('/')}.`);
}

async function createBuckets(endpoint: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const response = await fetch(`${endpoint}/storage/v1/b`, {
      method: 'POST',
      body: JSON.stringify({ name }),
    });
    if (!response.ok && response.status !== 409) throw new Error(`bucket ${name}: ${await response.text()}`);
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
