// Dead letters of the database onto the dead-letter topic of the topic they came from: the raw record, its headers, and why
// it was refused.
import { analyticsWorker } from '#contracts/processes.ts';
import { createProducer, type KafkaClient, type Producer } from '#runtime/kafka/client.ts';
import type { Pool } from '#runtime/postgres/database.ts';

interface Row {
  topic_id: string;
  part: number;
  offset: number;
  topic: string;
  reason: string;
  detail: string;
  key: Buffer | null;
  raw: Buffer | null;
  headers: Record<string, string>;
}

/** Few at a time: each may be as large as a record can be. */
const LETTERS_MAX = 16;

const WAITING = `
SELECT topic_id, part, "offset", topic, reason, detail, key, raw, headers
FROM analytics.dlq WHERE NOT published AND topic = ANY($1) ORDER BY recorded_at, topic_id, part, "offset" LIMIT ${LETTERS_MAX}`;

const MARK = `UPDATE analytics.dlq SET published = true WHERE topic_id = $1 AND part = $2 AND "offset" = $3`;

export interface DeadLetterPublisher {
  /** Publishes what waits, at least once each. Returns how many. */
  publishWaiting(): Promise<number>;
  close(): Promise<void>;
}

/** By the name of each consumed topic, where its dead letters go. */
export type DeadLetterTopics = ReadonlyMap<string, string>;

export function createDeadLetterPublisher(
  client: KafkaClient,
  pool: Pool,
  topics: DeadLetterTopics,
): DeadLetterPublisher {
  // Letters of a topic that is counted no more stay where they are, and show in the backlog.
  const targets = new Map([...topics].map(([topic, to]) => [client.nameOf(topic), client.nameOf(to)]));
  let producer: Producer | undefined;
  const discard = async (): Promise<void> => {
    const broken = producer;
    producer = undefined;
    await broken?.disconnect().catch(() => {});
  };
  const connected = async (): Promise<Producer> => {
    if (producer) return producer;
    const created = createProducer(client, { retryCountMax: 5 });
    await created.connect();
    producer = created;
    return created;
  };
  return {
    publishWaiting: async () => {
      const { rows } = await pool.query<Row>(WAITING, [[...targets.keys()]]);
      for (const row of rows) {
        try {
          await send(await connected(), targets.get(row.topic)!, row);
        } catch (error) {
          await discard();
          throw error;
        }
        await pool.query(MARK, [row.topic_id, row.part, row.offset]);
      }
      return rows.length;
    },
    close: discard,
  };
}

async function send(producer: Producer, topic: string, row: Row): Promise<void> {
  const headers = deadLetterHeaders(row);
  try {
    await producer.send({ topic, acks: -1, messages: [{ key: row.key, value: row.raw, headers }] });
  } catch (error) {
    if ((error as { type?: string }).type !== 'MESSAGE_TOO_LARGE') throw error;
    // Larger than the topic takes: the letter goes without its body, which stays in analytics.dlq.
    const messages = [{ key: row.key, value: null, headers: { ...headers, 'dlq-body': 'analytics.dlq' } }];
    await producer.send({ topic, acks: -1, messages });
  }
}

function deadLetterHeaders(row: Row): Record<string, string> {
  return {
    ...row.headers,
    'dlq-consumer': analyticsWorker.name,
    'dlq-id': `${row.topic_id}/${row.part}/${row.offset}`,
    'dlq-topic': row.topic,
    'dlq-partition': String(row.part),
    'dlq-offset': String(row.offset),
    'dlq-reason': row.reason,
    'dlq-detail': row.detail,
  };
}
