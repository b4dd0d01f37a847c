import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompressionTypes } from 'kafkajs';
import { freshKafka } from '../../test/fresh.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { createLogger } from '../log.ts';
import { createProducer, createTopics, type KafkaClient, topicOffsets, withAdmin } from './client.ts';
import { createGroupConsumer, type PartitionBatch } from './group-consumer.ts';
import type { LogRecord } from './records.ts';
import { fetchTopicId } from './topic-id.ts';

const { client, drop } = freshKafka();
const log = createLogger('spec', 'fatal');
const topic = 'mixed';

const plain = (record: LogRecord) => ({
  offset: String(record.offset),
  timestamp: String(record.timestampMs),
  key: record.key?.toString('hex') ?? null,
  value: record.value?.toString('hex') ?? null,
  headers: { ...record.headers },
});

/** Reads partition 0 through the group consumer until its end. */
async function readByBatch(
  from: KafkaClient,
  until: number,
  onBatch?: (batch: PartitionBatch) => number | undefined,
) {
  const records: ReturnType<typeof plain>[] = [];
  const batches: PartitionBatch[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const consumer = createGroupConsumer({
    client: from,
    log,
    group: `by-batch-${Math.random()}`,
    topics: [topic],
    partitionBytesMax: 2_000,
    sessionTimeoutMs: 10_000,
    metadataAgeMsMax: 5_000,
    onCrash: reject,
    onBatch: async (batch) => {
      const elsewhere = onBatch?.(batch);
      if (elsewhere !== undefined) return elsewhere;
      batches.push(batch);
      batch.forEachRecord(
        (record) => records.push(plain(record)),
        ({ fault }) => reject(fault),
      );
      if (batch.nextOffset >= until) resolve();
      return batch.nextOffset;
    },
  });
  await consumer.start();
  try {
    await promise;
  } finally {
    await consumer.stop();
  }
  return { records, batches };
}

describe('reading by record batch', () => {
  let end = 0;

  beforeAll(async () => {
    await createTopics(client, [{ topic, partitions: 1, config: {} }], 1);
    const name = client.nameOf(topic);
    const producer = createProducer(client);
    await producer.connect();
    const headers = { ce_id: 'ä-1', ce_type: 't', empty: '' };
    for (let index = 0; index < 40; index += 1) {
      await producer.send({
        topic: name,
        acks: -1,
        compression: index % 2 === 0 ? CompressionTypes.None : CompressionTypes.GZIP,
        messages: [
          {
            key: `k${index}`,
            value: `värde ${index}`,
            headers: {
              ...headers,
              [`h${index % 3}`]: `x${index}`,
              // The same single byte is the second a character of the first, and none of UTF-8.
              odd: index % 2 === 0 ? 'é' : Buffer.from([0xe9]),
            },
          },
          { key: null, value: null },
          { key: 'same', value: Buffer.from([0, 255, index]), headers },
        ],
      });
    }
    await producer.disconnect();
    const transactional = createProducer(client, { transactionalId: 'tx' });
    await transactional.connect();
    for (const outcome of ['abort', 'commit', 'abort', 'commit'] as const) {
      const transaction = await transactional.transaction();
      await transaction.send({
        topic: name,
        acks: -1,
        messages: [{ value: `${outcome} a` }, { value: `${outcome} b` }],
      });
      await transaction[outcome]();
    }
    await transactional.disconnect();
    const [offsets] = await topicOffsets(client, topic);
    end = Number(offsets!.high);
  });

  afterAll(drop);

  it('sees exactly the records that kafkajs sees: none of an aborted transaction, and no marker', async () => {
    const expected = (await readTopic(client, topic)).map(({ offset, timestamp, key, value, headers }) => ({
      offset,
      timestamp,
      key: key?.toString('hex') ?? null,
      value: value?.toString('hex') ?? null,
      headers: Object.fromEntries(
        Object.entries(headers ?? {}).map(([name, header]) => [name, String(header)]),
      ),
    }));
    const { records } = await readByBatch(freshClient(), end);
    expect(expected).toHaveLength(124);
    expect(records).toEqual(expected);
  });

  it('moves over markers and aborted records, so that the position reaches the very end', async () => {
    const { batches } = await readByBatch(freshClient(), end);
    expect(batches.at(-1)!.nextOffset).toBe(end);
    batches.reduce((position, batch) => {
      expect(batch.fetchedOffset).toBe(position);
      return batch.nextOffset;
    }, 0);
  });

  it('reads on from where the handler says, and leaves out what a batch holds before that', async () => {
    let isSent = false;
    const { records } = await readByBatch(freshClient(), end, () => {
      if (isSent) return undefined;
      isSent = true;
      return 61;
    });
    expect(records[0]!.offset).toBe('61');
  });
});

describe('the id of a topic', () => {
  it('is another one after the topic was deleted and made again', async () => {
    const name = client.nameOf('reborn');
    const create = () => createTopics(client, [{ topic: 'reborn', partitions: 1, config: {} }], 1);
    await create();
    const before = await fetchTopicId(client, 'reborn');
    expect(before).toMatch(/^[0-9a-f]{32}$/);
    expect(await fetchTopicId(client, 'reborn')).toBe(before);
    await withAdmin(client, (admin) => admin.deleteTopics({ topics: [name] }));
    await createWhenGone(async () => (await create()).length > 0);
    expect(await fetchTopicId(client, 'reborn')).not.toBe(before);
  });
});

/** Deletion ends after its answer. */
async function createWhenGone(create: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (await create().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the topic could not be made again');
}

/** Reading by batch changes the client it is given. */
function freshClient(): KafkaClient {
  const { client: another } = freshKafka();
  return { kafka: another.kafka, nameOf: client.nameOf };
}
