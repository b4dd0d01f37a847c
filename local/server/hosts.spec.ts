// What DNS rebinding would read: every server of this machine, asked under a name that is not its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { useSecurity } from '../../console/security.ts';
import { askAs, foreignHosts, ownHosts } from '../../test/host-header.ts';
import { startGcs } from '../gcs/gcs.ts';
import { startS3 } from '../s3/s3.ts';
import { startServiceAccounts } from '../service-accounts/service-accounts.ts';
import { startTraces } from '../traces/traces.ts';
import type { ServerOptions } from './server.ts';

interface Started {
  readonly address: string;
  stop(): Promise<unknown>;
}

const SERVERS: Readonly<
  Record<string, { readonly path: string; start(options: ServerOptions): Promise<Started> }>
> = {
  traces: { path: '/traces', start: startTraces },
  S3: { path: '/photos', start: (options) => startS3({ ...options, replacement: '', buckets: ['photos'] }) },
  'Cloud Storage': {
    path: '/storage/v1/b/results',
    start: (options) => startGcs({ ...options, replacement: '', buckets: ['results'] }),
  },
  'service accounts': {
    path: '/jwks.json',
    start: (options) => startServiceAccounts({ ...options, services: [] }),
  },
  console: { path: '/api', start: startConsole },
};

async function startConsole(): Promise<Started> {
  const app = createHttp({ log: createLogger('spec', 'silent'), registry: createRegistry('spec') });
  useSecurity(app, process.env.ALLOWED_HOSTS?.split(','));
  app.get('/api', () => 'totals');
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { address, stop: () => app.close() };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hosts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
let server: Started | undefined;
afterEach(async () => {
  delete process.env.ALLOWED_HOSTS;
  await server?.stop();
  server = undefined;
});

describe.each(Object.entries(SERVERS))('%s', (name, { path, start }) => {
  const started = async () => {
    const dataDir = join(folder, name, String(performance.now()));
    server = await start({ dataDir, logFile: join(folder, `${name}.log`), port: 0 });
    const { origin, port } = new URL(server.address);
    return { url: `${origin}${path}`, port };
  };

  it('answers to the names of this machine with its own port', async () => {
    const { url, port } = await started();
    for (const host of ownHosts(port)) expect([host, (await askAs(host, url)).status]).toEqual([host, 200]);
  });

  it('answers to no other name', async () => {
    const { url, port } = await started();
    for (const host of foreignHosts(port)) {
      const { status, text } = await askAs(host, url);
      expect([host, [421, 400].includes(status)]).toEqual([host, true]);
      if (host.startsWith('evil.example'))
        expect([status, text]).toEqual([421, expect.stringContaining('ALLOWED_HOSTS')]);
    }
  });

  it('answers to a name that the settings allow', async () => {
    process.env.ALLOWED_HOSTS = 'laptop.test';
    const { url, port } = await started();
    // Another server's name may mean another bucket to it, but it is answered.
    expect((await askAs(`laptop.test:${port}`, url)).status).not.toBe(421);
    expect((await askAs(`evil.example:${port}`, url)).status).toBe(421);
  });
});
