// The built image of each service, started where nothing of the repository is, on the real servers, until it says that it is ready: what
// a bundle does not see (migrations, certificates, native parts) is missed here and not in a cluster.
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PAGES_FOLDER } from '#contracts/deployed-settings.ts';
import { ON_EKS, platformConsole } from '#contracts/processes.ts';
import { SERVICES, storefront } from '#contracts/shop-processes.ts';
import { topicSettings } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { servicePlans, shopAddresses } from '../../local/launcher/services.ts';
import { launcherConfig, sharedEnvironment } from '../../local/launcher/settings.ts';
import { type BuiltImage, openBuiltImage, type RunningImage } from '../../test/built-image.ts';
import { freshDatabase, freshKafka } from '../../test/fresh.ts';
import { stopBundler } from './bundle.ts';

const kafka = freshKafka();
let database: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
/** What `npm start` gives each service, with a database and topics of this spec's own. */
const settings = new Map<string, Record<string, string>>();
const images: BuiltImage[] = [];
const running: RunningImage[] = [];
/** All are started together, and each is asked alone. */
const started = new Map<string, Promise<Started>>();

interface Started {
  readonly service: RunningImage;
  readonly address: string;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'built-services-'));
  database = await freshDatabase();
  const consumed = new Set(SERVICES.flatMap(({ consumes }) => consumes));
  const topics = topicSettings([...consumed].map((topic) => ({ ...topic, partitions: 1 })));
  await createTopics(kafka.client, topics, 1);
  const config = loadConfig(launcherConfig, {});
  const env = {
    ...sharedEnvironment(config),
    ...shopAddresses(config),
    DATABASE_URL: database.url,
    KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
    KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
  };
  const plans = await servicePlans({ dataDir: folder, config, env, logFile: () => '' });
  for (const [index, { name }] of SERVICES.entries()) settings.set(name, plans[index]!.env);
  const pages = plans.find(({ name }) => name === storefront.name)!;
  // As its manifests have it: beside the program.
  settings.set(storefront.name, { ...pages.env, PAGES_FOLDER });
  settings.set(platformConsole.name, {
    ...env,
    GOOGLE_CLOUD_PROJECT: 'spec',
    RESULTS_BUCKET: 'spec-results',
  });
  for (const { name } of ON_EKS) started.set(name, start(name));
  await Promise.allSettled(started.values());
}, 120_000);
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await Promise.all(images.map((image) => image.remove()));
  await stopBundler();
  await Promise.all([database.drop(), kafka.drop(), rm(folder, { recursive: true })]);
});

async function start(name: string, spoil?: (app: string) => Promise<void>): Promise<Started> {
  const image = await openBuiltImage(name, spoil);
  images.push(image);
  const PORT = String(await freePort());
  const service = image.run({ ...settings.get(name)!, PORT });
  running.push(service);
  return { service, address: `http://127.0.0.1:${PORT}` };
}

const statusesOf = (address: string, paths: readonly string[]): Promise<number[]> =>
  Promise.all(paths.map(async (path) => (await fetch(address + path)).status));

/** It ends on SIGTERM, and has tried to write no file. */
async function expectCleanEnd(service: RunningImage): Promise<void> {
  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  expect(service.output()).not.toContain('ERR_ACCESS_DENIED');
}

describe.each(SERVICES)('the image of $name', ({ name }) => {
  it('makes its tables, becomes ready, serves its document, writes no file, and ends on SIGTERM', async () => {
    const { service, address } = await started.get(name)!;
    await service.waitFor('"msg":"ready"');
    const paths = ['/livez', '/readyz', '/openapi.json', '/metrics'];
    expect(await statusesOf(address, paths)).toEqual([200, 200, 200, 200]);
    await expectCleanEnd(service);
  }, 120_000);
});

describe('the image of the console', () => {
  it('becomes ready, looks at the broker, has no way to replay or to compare, writes no file, and ends on SIGTERM', async () => {
    const { service, address } = await started.get(platformConsole.name)!;
    await service.waitFor('"msg":"ready"');
    const answer = await fetch(`${address}/api/processes`);
    expect(await answer.json()).toMatchObject({ isBrokerThere: expect.any(Boolean) });
    for (const path of ['/api/dead-letters/replay', '/api/reconciliations/orders/runs', '/api/uploads'])
      expect([path, (await fetch(address + path, { method: 'POST' })).status]).toEqual([path, 404]);
    await expectCleanEnd(service);
  }, 120_000);
});

describe('the image of the storefront', () => {
  it('has finished pages: it becomes ready, shows one with its style, writes no file, and ends on SIGTERM', async () => {
    const { service, address } = await started.get(storefront.name)!;
    await service.waitFor('"msg":"ready"');
    const page = await fetch(`${address}/account/sign-in`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    const [style] = /\/assets\/shop-\w+\.css/.exec(await page.text())!;
    const paths = ['/livez', '/readyz', '/metrics', style];
    expect(await statusesOf(address, paths)).toEqual([200, 200, 200, 200]);
    await expectCleanEnd(service);
  }, 120_000);
});

/** At its start, before it is ready. */
const WRITE = `\nprocess.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(join(tmpdir(), 'a-file'))}, '');`;

describe('negative control: an image', () => {
  it.each<[string, string, (app: string) => Promise<void>, string?]>([
    [
      'without the tables of all services',
      'service-migrations',
      (app) => rm(join(app, 'service-migrations'), { recursive: true }),
    ],
    ['without its own tables', 'ENOENT', (app) => rm(join(app, 'migrations'), { recursive: true })],
    ['that writes a file', 'ERR_ACCESS_DENIED', (app) => appendFile(join(app, 'main.mjs'), WRITE)],
    [
      'without its pages',
      'pages.mjs',
      (app) => rm(join(app, PAGES_FOLDER), { recursive: true }),
      storefront.name,
    ],
  ])(
    '%s never becomes ready',
    async (_fault, message, spoil, name = 'cart') => {
      const { service } = await start(name, spoil);
      await expect(service.waitFor('"msg":"ready"')).rejects.toThrow(message);
      expect(await service.ended).toBe(1);
    },
    120_000,
  );
});
