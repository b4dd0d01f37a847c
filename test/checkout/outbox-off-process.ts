// Loaded into a service's process before its main: switches the outbox off. Events are sent to Kafka once their transaction has
// committed, and until then exist only in the process's memory. One process of the shop is killed between commit and send, so that
// the loss does not depend on luck.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type EncodedRecord, encodeEvent } from '#contracts/envelope.ts';
import type { Process } from '#contracts/process.ts';
import type { Topic } from '#contracts/topic.ts';
import { loadConfig } from '#runtime/config.ts';
import {
  createKafka,
  createProducer,
  type KafkaClient,
  kafkaConfig,
  publish,
} from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import type { Message } from '#runtime/outbox/outbox.ts';
import type { PoolClient } from '#runtime/postgres/database.ts';
import { substitute } from './substitute.ts';

substitute('outbox/outbox.ts', import.meta.url);

interface UnsentEvent {
  readonly topic: string;
  readonly record: EncodedRecord;
}

let connected: Promise<{ client: KafkaClient; producer: ReturnType<typeof createProducer> }> | undefined;
/** The events of each open transaction, by its client. */
const unsent = new WeakMap<object, UnsentEvent[]>();

/** Replaces the function that writes the row. */
export async function saveToOutbox(
  client: Pick<PoolClient, 'query'>,
  _schema: string,
  topic: Topic<unknown>,
  record: EncodedRecord,
): Promise<void> {
  const known = unsent.get(client);
  const events = known ?? [];
  events.push({ topic: topic.name, record });
  if (known) return;
  unsent.set(client, events);
  sendAfterCommit(client, events);
}

/** Replaces the function that encodes an event and writes its row. */
export function publishEvent<Data>(
  topic: Topic<Data>,
  client: Pick<PoolClient, 'query'>,
  from: Process,
  { key, time = new Date().toISOString(), ...event }: Message<Data>,
): Promise<void> {
  const record = encodeEvent(topic.event, key, { ...event, source: `/services/${from.name}`, time });
  return saveToOutbox(client, from.name, topic, record);
}

/** Watches the client's statements until the transaction has committed. */
function sendAfterCommit(client: Pick<PoolClient, 'query'>, events: readonly UnsentEvent[]): void {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  const watched = async (...args: unknown[]): Promise<unknown> => {
    const answer = await query(...args);
    if (args[0] !== 'COMMIT') return answer;
    Object.assign(client, { query });
    unsent.delete(client);
    dieOnce(events);
    void send(events);
    return answer;
  };
  Object.assign(client, { query: watched });
}

/** So many events of orders are sent before the kill. */
const ORDERS_BEFORE_DEATH = 3;
let orderCount = 0;

/** Kills this process between commit and send of an order's event. A file shows the next process that this has been done. */
function dieOnce([first]: readonly UnsentEvent[]): void {
  if (!first?.topic.startsWith('order.')) return;
  orderCount += 1;
  if (orderCount <= ORDERS_BEFORE_DEATH) return;
  try {
    writeFileSync(join(dirname(process.env.SERVICE_TOKEN_FILE!), 'died-once'), '', { flag: 'wx' });
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}

async function send(events: readonly UnsentEvent[]): Promise<void> {
  connected ??= connect();
  const { client, producer } = await connected;
  for (const { topic, record } of events) await publish(client, producer, topic, [record]);
}

async function connect() {
  const client = createKafka(loadConfig(kafkaConfig), 'direct', createLogger('direct', 'fatal'));
  const producer = createProducer(client);
  await producer.connect();
  return { client, producer };
}
