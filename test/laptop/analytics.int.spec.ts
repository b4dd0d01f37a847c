// The worker as a laptop's cluster starts it: by its manifest's settings, with its secret as a file, on every stand-in.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { analyticsWorker } from '#contracts/processes.ts';
import { topicSettings } from '#contracts/topics.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { BUCKETS, FIRESTORE_ADDRESS, GCS_URL, KAFKA_ADDRESS } from '../../k8s/data/addresses.ts';
import { WANTED_SECRETS } from '../../k8s/data/secrets.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { type FreshDatabase, freshAnalyticsDatabase, freshKafka } from '../fresh.ts';
import { containerNamed, environmentOf, start, stopBuilding } from './programs.ts';

const { KAFKA_BROKERS = '', FIRESTORE_EMULATOR_HOST = '', GCS_ENDPOINT = '' } = process.env;
const NAME = analyticsWorker.name;
const kafka = freshKafka();
let database: FreshDatabase;
let folder: string;
beforeAll(async () => {
  database = await freshAnalyticsDatabase();
  folder = await mkdtemp(join(tmpdir(), 'settings-'));
  await createTopics(kafka.client, topicSettings(), 1);
});
afterAll(async () => {
  await stopBuilding();
  await rm(folder, { recursive: true, force: true });
  await database.drop();
  await kafka.drop();
});

const settings = async (): Promise<Record<string, string>> => ({
  ...environmentOf(NAME, {
    texts: {
      [KAFKA_ADDRESS]: KAFKA_BROKERS,
      [FIRESTORE_ADDRESS]: FIRESTORE_EMULATOR_HOST,
      [GCS_URL]: GCS_ENDPOINT,
    },
    variables: { OPS_HOST: '127.0.0.1', OPS_PORT: String(await freePort()), SETTINGS_FOLDER: folder },
  }),
  KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
});

it('without its secret names what is missing, and ends', async () => {
  const worker = await start(NAME, await settings());
  expect(await worker.ended).toBe(1);
  expect(worker.output()).toContain('DATABASE_URL: is not set');
});

it('with the secret that the cluster makes for it is ready, and ends in order', async () => {
  const secret = WANTED_SECRETS.find(({ namespace }) => namespace === NAME)!;
  expect(Object.keys(secret.values)).toEqual(['DATABASE_URL']);
  await writeFile(join(folder, 'DATABASE_URL'), database.url);
  const env = await settings();
  expect(env.RESULTS_BUCKET).toBe(BUCKETS.results);
  const worker = await start(NAME, env);
  await worker.waitFor('"msg":"ready"');
  const { readinessProbe } = containerNamed(NAME);
  const ready = await fetch(`http://127.0.0.1:${env.OPS_PORT}${readinessProbe!.httpGet!.path}`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ok' }]);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
});
