// An address in, what its server sends out, from a given byte on. Proxies as HTTPS_PROXY, HTTP_PROXY and NO_PROXY say; Node itself
// trusts what NODE_EXTRA_CA_CERTS names.
import { Readable } from 'node:stream';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { RefusedByServer } from './origin.ts';

/** What came, and how much there is in all. */
export interface Delivery {
  readonly body: Readable;
  /** Zero where the server begins from the start, although another offset was asked for. */
  readonly firstByte: number;
  readonly totalBytes: number | undefined;
}

const PATIENCE = { connect: { timeout: 10_000 }, headersTimeout: 30_000, bodyTimeout: 30_000 };
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((one) => [one, one.toUpperCase()]);

// Node's own switch (NODE_USE_ENV_PROXY) would send what this machine's servers say to each other to the proxy too.
const agents = new Map<string, EnvHttpProxyAgent>();
function agent(): EnvHttpProxyAgent {
  const key = PROXY_VARIABLES.map((name) => (Object.hasOwn(process.env, name) ? process.env[name] : '')).join(
    '\n',
  );
  const known = agents.get(key) ?? new EnvHttpProxyAgent(PATIENCE);
  agents.set(key, known);
  return known;
}

/** @throws RefusedByServer on any answer but the file */
export async function openAddress(address: string, firstByte = 0): Promise<Delivery> {
  const { url, authorization } = withoutSecret(address);
  const response = await fetch(url, {
    dispatcher: agent(),
    headers: {
      // A file that the server packs once more would not have the size that it says.
      'accept-encoding': 'identity',
      ...(authorization ? { authorization } : {}),
      ...(firstByte > 0 ? { range: `bytes=${firstByte}-` } : {}),
    },
  });
  const { status, headers } = response;
  if ((status !== 200 && status !== 206) || !response.body) {
    await response.body?.cancel();
    throw new RefusedByServer(status);
  }
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '');
  const length = headers.get('content-length');
  return {
    body: Readable.fromWeb(response.body),
    firstByte: status === 206 ? Number(range?.[1] ?? firstByte) : 0,
    totalBytes: range ? Number(range[2]) : length === null ? undefined : Number(length),
  };
}

/** fetch refuses addresses with a user in them; a redirect to another server does not get the header. */
function withoutSecret(address: string): { url: URL; authorization?: string } {
  const url = new URL(address);
  if (!url.username) return { url };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
