// Whom the services are to each other on this machine: in Kubernetes the cluster gives each a token of its service account and
// publishes the key; here this server does. Tokens are files that are written again before they expire.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { SERVICES_NAMESPACE } from '#contracts/processes.ts';
import { FOREIGN_HOST_REMEDY, isForeign, MISDIRECTED } from '#runtime/http/hosts.ts';
import { localHosts } from '../server/origins.ts';
import type { RunningServer, ServerOptions } from '../server/server.ts';

const ISSUER = 'http://service-accounts.local';
const AUDIENCE = 'shop';
const KEY_ID = 'local';
/** As long as Kubernetes's are by default. */
const TOKEN_LIFE_S = 3_600;
const RENEW_EVERY_MS = (TOKEN_LIFE_S * 1_000) / 2;

export interface ServiceAccountsOptions extends ServerOptions {
  /** Names of the services. */
  readonly services: readonly string[];
}

/** Starts the server; port 0 takes a free one. A start makes a new key: tokens of an earlier one end with it. */
export async function startServiceAccounts(options: ServiceAccountsOptions): Promise<RunningServer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwks = {
    keys: [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'ES256', use: 'sig' } satisfies JWK],
  };
  const hosts = localHosts();
  const server = createServer((request, response) => {
    if (isForeign(hosts, request)) return void response.writeHead(MISDIRECTED).end(FOREIGN_HOST_REMEDY);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', resolve);
  });
  const write = () =>
    Promise.all(
      options.services.map((name) => writeToken(tokenFile(options.dataDir, name), name, privateKey)),
    );
  await mkdir(options.dataDir, { recursive: true });
  await write();
  const renewing = setInterval(() => void write(), RENEW_EVERY_MS);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    name: 'service accounts',
    address,
    env: { SERVICE_ISSUER: ISSUER, SERVICE_JWKS_URL: `${address}/jwks.json`, SERVICE_AUDIENCE: AUDIENCE },
    pids: [],
    stop: async () => {
      clearInterval(renewing);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where a service finds its own token. */
export const tokenFile = (dataDir: string, service: string): string => join(dataDir, `${service}.jwt`);

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

async function writeToken(file: string, service: string, key: PrivateKey): Promise<void> {
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: KEY_ID })
    .setSubject(`system:serviceaccount:${SERVICES_NAMESPACE}:${service}`)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(`${TOKEN_LIFE_S} s`)
    .sign(key);
  // In one step: a service never reads half a token.
  await writeFile(`${file}.new`, token, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
