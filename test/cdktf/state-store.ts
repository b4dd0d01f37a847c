// An S3 for Terraform's backend on this machine, with what our own S3 does not keep: how each object asked to be encrypted. It
// also says, as AWS's STS does, whose credentials are used.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startS3 } from '../../local/s3/s3.ts';

/** How an object was asked to be encrypted when it was written last. */
export interface Encryption {
  readonly algorithm: string | undefined;
  readonly keyId: string | undefined;
}

export interface StateStore {
  /** What Terraform needs to work here, with the credentials of an account. */
  environmentOf(accountId: string): Record<string, string>;
  /** By `<bucket>/<key>`: what is in there now. */
  read(path: string): Promise<string | undefined>;
  write(path: string, body: string): Promise<void>;
  /** Of every object that was written, by `<bucket>/<key>`; locks too, which are gone again. */
  readonly written: ReadonlyMap<string, Encryption>;
  close(): Promise<void>;
}

export async function openStateStore(buckets: readonly string[]): Promise<StateStore> {
  const folder = mkdtempSync(join(tmpdir(), 'states-'));
  const s3 = await startS3({
    replacement: '',
    dataDir: join(folder, 'data'),
    logFile: join(folder, 's3.log'),
    port: 0,
    buckets,
  });
  const written = new Map<string, Encryption>();
  const server = createServer((incoming, answer) => {
    if (incoming.method === 'POST' && incoming.url === '/') return sayWho(incoming, answer);
    if (incoming.method === 'PUT') written.set(pathOf(incoming), encryptionOf(incoming));
    pass(incoming, answer, s3.address);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    written,
    environmentOf: (accountId) => ({
      AWS_ENDPOINT_URL_S3: address,
      AWS_ENDPOINT_URL_STS: address,
      AWS_ENDPOINT_URL_IAM: address,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: accountId,
      AWS_SECRET_ACCESS_KEY: 'local',
    }),
    read: async (path) => {
      const found = await fetch(`${s3.address}/${path}`);
      return found.ok ? found.text() : undefined;
    },
    write: async (path, body) => {
      const { ok, status } = await fetch(`${s3.address}/${path}`, { method: 'PUT', body });
      if (!ok) throw new Error(`S3 answered ${status}`);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await s3.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.slice(1).split('?')[0]!;

const encryptionOf = ({ headers }: IncomingMessage): Encryption => ({
  algorithm: headers['x-amz-server-side-encryption'] as string | undefined,
  keyId: headers['x-amz-server-side-encryption-aws-kms-key-id'] as string | undefined,
});

/** The account is the access key's name here. */
function sayWho({ headers }: IncomingMessage, answer: ServerResponse): void {
  const account = /Credential=(\d+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  answer.setHeader('content-type', 'text/xml').end(
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::${account}:user/somebody</Arn><UserId>AIDA</UserId><Account>${account}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`,
  );
}

function pass(incoming: IncomingMessage, answer: ServerResponse, to: string): void {
  const { host } = new URL(to);
  const outgoing = request(`${to}${incoming.url}`, {
    method: incoming.method,
    // It answers to its own name only.
    headers: { ...incoming.headers, host },
  });
  outgoing.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 500, response.headers);
    response.pipe(answer);
  });
  outgoing.on('error', () => answer.destroy());
  incoming.pipe(outgoing);
}
