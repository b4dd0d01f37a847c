// The real processes of all services with what dev would give them: each becomes ready, as its own user of a Postgres that lets people in
// as RDS does. Put in place of a cloud: the addresses of brokers and database, and a password for the token.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { settingsOf } from '#contracts/deployed-settings.ts';
import { schemaOf } from '#contracts/process.ts';
import { serviceDatabase } from '#contracts/service-databases.ts';
import { SERVICES } from '#contracts/shop-processes.ts';
import { SHOP_TOPICS } from '#contracts/shop-topics.ts';
import { TOPICS, topicSettings } from '#contracts/topics.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { createHandler } from '../../lambda/database-roles/handler.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { type ModuleProcess, runModule } from '../child-process.ts';
import { freshKafka } from '../fresh.ts';
import { RdsLike } from '../rds-like.ts';
import { Model } from './model.ts';
import { environmentOf } from './relations/deployed-settings.ts';
import { platformOf, SETTINGS } from './synth.ts';

const kafka = freshKafka();
const model = new Model(platformOf('dev'), SETTINGS.dev);
const running: ModuleProcess[] = [];
let rds: RdsLike;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deployed-'));
  rds = await RdsLike.start();
  await writeFile(join(folder, 'authority.pem'), rds.authority);
  await rds.setToken('shop_owner', 'owner-password');
  await createHandler(
    {
      LOG_LEVEL: 'silent',
      DATABASE_URL: rds.url(),
      DATABASE_AWS_REGION: 'eu-central-1',
      OWNER_SECRET_ARN: 'arn:rds',
    },
    undefined,
    {
      rds: { region: 'eu-central-1', token: () => Promise.resolve('none'), authorities: [rds.authority] },
      password: () => Promise.resolve('owner-password'),
    },
  )();
  const topics = [...new Set([...TOPICS, ...SHOP_TOPICS])].map((topic) => ({ ...topic, partitions: 1 }));
  await createTopics(kafka.client, topicSettings(topics), 1);
}, 90_000);
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await Promise.all([rds.stop(), kafka.drop(), rm(folder, { recursive: true })]);
});

it.each(SERVICES.map((service) => [service.name, service] as const))(
  '%s becomes ready, and owns everything that it has made',
  async (name, service) => {
    const { role } = serviceDatabase(service);
    await rds.setToken(role, 'token');
    const likely = { SIGNING_KEK: Buffer.alloc(32, 1).toString('base64') };
    const url = new URL(rds.url(role));
    url.password = 'token';
    url.search = `uselibpqcompat=true&sslmode=verify-full&sslrootcert=${join(folder, 'authority.pem')}`;
    const started = runModule(`await import('./services/${name}/main.ts')`, {
      ...environmentOf(model, settingsOf(service), likely),
      KAFKA_BROKERS: process.env.KAFKA_BROKERS!,
      KAFKA_AUTH: 'none',
      KAFKA_TOPIC_PREFIX: kafka.client.nameOf(''),
      DATABASE_URL: url.href,
      DATABASE_AUTH: 'url',
      HOST: '127.0.0.1',
      PORT: String(await freePort()),
      OPS_PORT: String(await freePort()),
    });
    running.push(started);
    await started.waitFor('"ready"');
    await started.waitFor('now the relay of the outbox');
    const { rows } = await rds.admin(
      `SELECT DISTINCT nspname AS schema FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE relowner = '${role}'::regrole AND nspname !~ '^pg_'`,
    );
    expect(rows).toEqual([{ schema: schemaOf(service) }]);
  },
  60_000,
);
