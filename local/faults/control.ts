// The switch of the launcher's faults, for the console: `GET /faults`, `POST /faults/<name>`. On this machine's own address, for who
// has the secret of this start; the console asks who the person is, and whether they may.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '#runtime/errors.ts';
import { FOREIGN_HOST_REMEDY, isForeign, knownHosts, MISDIRECTED } from '#runtime/http/hosts.ts';
import type { Faults } from './faults.ts';

export interface FaultControl {
  /** Only for the console. */
  readonly env: { readonly FAULTS: 'on'; readonly FAULTS_URL: string; readonly FAULTS_TOKEN: string };
  /** From now on these can be started; before, there are none. */
  use(faults: Faults): void;
  stop(): Promise<void>;
}

export async function startFaultControl(): Promise<FaultControl> {
  const token = randomBytes(32).toString('base64url');
  const hosts = knownHosts();
  let faults: Faults | undefined;
  const server = createServer((request, response) => {
    request.resume();
    if (isForeign(hosts, request))
      return answer(response, MISDIRECTED, { code: 'foreign-host', detail: FOREIGN_HOST_REMEDY });
    if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`))
      return answer(response, 401, { code: 'no-token', detail: 'The secret of this start is missing.' });
    handle(faults, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    env: { FAULTS: 'on', FAULTS_URL: `http://127.0.0.1:${port}`, FAULTS_TOKEN: token },
    use: (given) => {
      faults = given;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function handle(
  faults: Faults | undefined,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): void {
  if (method === 'GET' && url === '/faults') return answer(response, 200, { faults: faults?.states() ?? [] });
  const [, name] = /^\/faults\/([a-z-]{1,40})$/.exec(url) ?? [];
  if (method !== 'POST' || name === undefined || !faults)
    return answer(response, 404, { code: 'fault-unknown' });
  try {
    answer(response, 202, faults.start(name));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    answer(response, error.code === 'fault-unknown' ? 404 : 409, { code: error.code, detail: error.message });
  }
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

const answer = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
