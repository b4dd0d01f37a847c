// Loaded into a service's process before its main: no outbox. Events go straight to Kafka once their transaction has committed,
// as in many a shop, and live in the process's memory until the broker has them.
import type { EncodedRecord } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, createProducer, type KafkaClient, kafkaConfig, publish } from '#runtime/kafka.ts';
import { createLogger } from '#runtime/log.ts';
import type { PoolClient } from '#runtime/postgres.ts';
import { substitute } from './substitute.ts';

substitute('outbox.ts', import.meta.url);

interface Told {
  readonly topic: string;
  readonly record: EncodedRecord;
}

let connected: Promise<{ client: KafkaClient; producer: ReturnType<typeof createProducer> }> | undefined;
/** What the transactions in hand will tell. */
const untold = new WeakMap<object, Told[]>();

/** In place of the one that writes a row. */
export async function saveToOutbox(
  client: Pick<PoolClient, 'query'>,
  _schema: string,
  topic: Topic<unknown>,
  record: EncodedRecord,
): Promise<void> {
  const known = untold.get(client);
  const told = known ?? [];
  told.push({ topic: topic.name, record });
  if (known) return;
  untold.set(client, told);
  tellAfterCommit(client, told);
}

/** Until the transaction's end the client's statements pass through here. */
function tellAfterCommit(client: Pick<PoolClient, 'query'>, told: readonly Told[]): void {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  const watched = async (...args: unknown[]): Promise<unknown> => {
    const answer = await query(...args);
    if (args[0] !== 'COMMIT') return answer;
    Object.assign(client, { query });
    untold.delete(client);
    void tell(told);
    return answer;
  };
  Object.assign(client, { query: watched });
}

async function tell(told: readonly Told[]): Promise<void> {
  connected ??= connect();
  const { client, producer } = await connected;
  for (const { topic, record } of told) await publish(client, producer, topic, [record]);
}

async function connect() {
  const client = createKafka(loadConfig(kafkaConfig), 'direct', createLogger('direct', 'fatal'));
  const producer = createProducer(client);
  await producer.connect();
  return { client, producer };
}
