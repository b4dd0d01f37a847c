// Loaded into a service's process before its main: no outbox. Events go straight to Kafka once their transaction has committed,
// as in many a shop, and live in the process's memory until the broker has them. One process of the shop dies with them in hand,
// which else would be left to luck.
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

/** In place of the one that encodes an event and writes its row. */
export function publishEvent<Data>(
  topic: Topic<Data>,
  client: Pick<PoolClient, 'query'>,
  from: Process,
  { key, time = new Date().toISOString(), ...event }: Message<Data>,
): Promise<void> {
  const record = encodeEvent(topic.event, key, { ...event, source: `/services/${from.name}`, time });
  return saveToOutbox(client, from.name, topic, record);
}

/** Until the transaction's end the client's statements pass through here. */
function tellAfterCommit(client: Pick<PoolClient, 'query'>, told: readonly Told[]): void {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  const watched = async (...args: unknown[]): Promise<unknown> => {
    const answer = await query(...args);
    if (args[0] !== 'COMMIT') return answer;
    Object.assign(client, { query });
    untold.delete(client);
    dieOnce(told);
    void tell(told);
    return answer;
  };
  Object.assign(client, { query: watched });
}

/** Some orders go well before. */
const ORDERS_BEFORE_DEATH = 3;
let orderCount = 0;

/** Between the commit and the send, with an event of an order; the file tells its successors that this has been done. */
function dieOnce([first]: readonly Told[]): void {
  if (!first?.topic.startsWith('order.')) return;
  orderCount += 1;
  if (orderCount <= ORDERS_BEFORE_DEATH) return;
  try {
    writeFileSync(join(dirname(process.env.SERVICE_TOKEN_FILE!), 'died-untold'), '', { flag: 'wx' });
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
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
