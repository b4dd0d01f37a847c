// A database and a topic prefix that nobody else has, on the real platform: specs share servers and no state.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, type KafkaClient, kafkaConfig, withAdmin } from '#runtime/kafka.ts';
import { createLogger } from '#runtime/log.ts';
import { postgresConfig } from '#runtime/postgres.ts';

const uniqueName = (): string => `t${randomUUID().replaceAll('-', '').slice(0, 12)}`;

/** An empty database; `drop` also cuts the connections that are left. */
export async function freshDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const { DATABASE_URL } = loadConfig(postgresConfig);
  const name = uniqueName();
  const url = new URL(DATABASE_URL);
  url.pathname = `/${name}`;
  await administer(DATABASE_URL, `CREATE DATABASE ${name}`);
  return { url: url.href, drop: () => administer(DATABASE_URL, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function administer(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A client whose topics and groups bear a prefix of their own; `drop` deletes those topics. */
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
