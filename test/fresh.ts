// A new database and a new topic prefix on the real platform: specs share servers and no state.
import { randomUUID } from 'node:crypto';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, type KafkaClient, kafkaConfig, withAdmin } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { postgresConfig } from '#runtime/postgres/database.ts';
import { runStatements } from './postgres-owner.ts';

const uniqueName = (): string => `t${randomUUID().replaceAll('-', '').slice(0, 12)}`;

/** `drop` also cuts the connections that are left. */
export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database, on the Postgres of the services. */
export const freshDatabase = (): Promise<FreshDatabase> =>
  databaseOn(loadConfig(postgresConfig).DATABASE_URL);

/** An empty database for the analytics side, on the major version that Cloud SQL has. */
export const freshAnalyticsDatabase = (): Promise<FreshDatabase> =>
  databaseOn(loadConfig(postgresConfig, { DATABASE_URL: process.env.CLOUD_SQL_DATABASE_URL }).DATABASE_URL);

async function databaseOn(server: string): Promise<FreshDatabase> {
  const name = uniqueName();
  const url = new URL(server);
  url.pathname = `/${name}`;
  const owner = { connectionString: server };
  await runStatements(owner, `CREATE DATABASE ${name}`);
  return {
    url: url.href,
    drop: async () => {
      await runStatements(owner, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** A client whose topics and groups have a new prefix; `drop` deletes those topics. */
export function freshKafka(): { client: KafkaClient; drop: () => Promise<void> } {
  const prefix = `${uniqueName()}.`;
  const config = { ...loadConfig(kafkaConfig), KAFKA_TOPIC_PREFIX: prefix };
  const client = createKafka(config, 'spec', createLogger('spec', process.env.LOG_LEVEL ?? 'fatal'));
  const drop = () =>
    withAdmin(client, async (admin) => {
      const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
      if (topics.length > 0) await admin.deleteTopics({ topics });
    });
  return { client, drop };
}
