// Two engines, one contract: the same log through a worker of Node and through Flink, both held against the batch oracle.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { productImagesProcessed } from '#contracts/topics.ts';
import { createProducer, type KafkaClient } from '#runtime/kafka/client.ts';
import { SQL_FILE } from '../../analytics/flink/job.ts';
import { createRandom } from '../../demo/samples/random.ts';
import type { RunningFlink } from '../../local/flink/flink.ts';
import { heavy, imageLog, type LogEntry } from '../faults/image-log.ts';
import { Rig } from '../faults/rig.ts';
import { SEEDS } from '../faults/seeds.ts';
import { event } from '../faults/single-events.ts';
import { type Count, countLog, type KeptLetter, type OracleCount, readCount, readKept } from './counts.ts';
import { FlinkCount } from './flink-count.ts';
import { type OddMessage, oddEvents } from './odd-events.ts';
import { startSpecFlink } from './spec-flink.ts';

const MINUTE_MS = 60_000;
const START_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 30 * MINUTE_MS;
/** As the rig's workers have it. */
const PATIENCE = { outOfOrderBoundMs: 2_000, latenessMs: 1_000 };
const RULES = { ...PATIENCE, seenIdsMax: 262_144 };
/** Never gets a record. */
const IDLE_PART = productImagesProcessed.partitions - 1;

let flink: RunningFlink;

beforeAll(async () => {
  flink = await startSpecFlink();
}, 120_000);

afterAll(() => flink.stop(), 60_000);

const countByFlink = (rig: Rig, sabotage?: (statement: string) => string): Promise<FlinkCount> =>
  FlinkCount.begin({
    flink,
    client: rig.client,
    brokers: rig.env.KAFKA_BROKERS!,
    ...PATIENCE,
    ...(sabotage ? { sabotage } : {}),
  });

interface EngineCount extends Count {
  readonly kept: readonly KeptLetter[];
}

const countOf = async (databaseUrl: string): Promise<EngineCount> => ({
  ...(await readCount(databaseUrl)),
  kept: await readKept(databaseUrl),
});

/** Flink alone, over the log as it is. */
async function flinkCountOf(
  rig: Rig,
  oracle: OracleCount,
  sabotage?: (statement: string) => string,
): Promise<EngineCount> {
  const count = await countByFlink(rig, sabotage);
  try {
    await count.caughtUp(oracle.behindLast);
    return await countOf(count.databaseUrl);
  } finally {
    await count.close();
  }
}

async function nodeCountOf(rig: Rig): Promise<EngineCount> {
  const worker = await rig.startWorker();
  await rig.caughtUp();
  worker.kill('SIGTERM');
  await worker.ended;
  return countOf(rig.databaseUrl);
}

/** By both engines; and both keep the same of each dead letter. */
async function expectTheOraclesCount(rig: Rig, oracle: OracleCount): Promise<void> {
  const { behindLast: _behind, ...expected } = oracle;
  const { kept, ...byNode } = await nodeCountOf(rig);
  expect(byNode).toEqual(expected);
  expect(kept.some(({ key, headers }) => key !== null && Object.keys(headers).length > 0)).toBe(true);
  expect(await flinkCountOf(rig, oracle)).toEqual({ ...expected, kept });
}

/** By its key, but never to the idle partition. */
const partOf = (key: string | null): number =>
  Buffer.from(key ?? '').reduce((sum, byte) => sum + byte, 0) % IDLE_PART;

async function feed(client: KafkaClient, messages: readonly OddMessage[]): Promise<void> {
  const producer = createProducer(client);
  await producer.connect();
  const topic = client.nameOf(productImagesProcessed.name);
  for (let at = 0; at < messages.length; at += 200) {
    const some = messages.slice(at, at + 200).map((message) => ({
      ...message,
      headers: Object.fromEntries(Object.entries(message.headers).filter(([, value]) => value !== undefined)),
      partition: partOf(message.key),
    }));
    await producer.send({ topic, acks: -1, messages: some });
  }
  await producer.disconnect();
}

/** Two open at a time in the same partitions: one is committed, one aborted. */
async function feedTransactions(client: KafkaClient, entries: readonly LogEntry[]): Promise<void> {
  const topic = client.nameOf(productImagesProcessed.name);
  const producers = ['kept', 'lost'].map((transactionalId) => createProducer(client, { transactionalId }));
  for (const producer of producers) await producer.connect();
  const [kept, lost] = [await producers[0]!.transaction(), await producers[1]!.transaction()];
  const send = (transaction: typeof kept, own: readonly LogEntry[]) =>
    transaction.send({
      topic,
      acks: -1,
      messages: own.map((entry) => ({
        ...entry,
        headers: { ...entry.headers },
        partition: partOf(entry.key),
      })),
    });
  await send(lost, entries);
  await send(kept, entries);
  await send(lost, [event(START_MS + 5 * MINUTE_MS), event(START_MS)]);
  await lost.abort();
  await kept.commit();
  for (const producer of producers) await producer.disconnect();
}

describe.each(SEEDS)('the log of seed %i', (seed) => {
  let rig: Rig;
  let oracle: OracleCount;

  beforeAll(async () => {
    rig = await Rig.open({ PARTITION_BYTES_MAX: '2097152' });
    const random = createRandom(seed);
    const log = imageLog(random, { events: 2_000, spanMs: 12 * MINUTE_MS, startMs: START_MS });
    await feed(rig.client, log.slice(0, 1_000));
    await feedTransactions(
      rig.client,
      imageLog(random, { events: 40, spanMs: MINUTE_MS, startMs: START_MS }).filter(isSound),
    );
    await feed(rig.client, log.slice(1_000));
    await feed(
      rig.client,
      log.slice(300, 340).map((entry) => heavy(entry, 50_000)),
    );
    oracle = await countLog(rig.client, RULES);
  }, 120_000);

  afterAll(() => rig.close(), 60_000);

  it('holds all that may go wrong', () => {
    expect(
      oracle.parts.every(({ repeats, deadLetters }) => Number(repeats) > 0 && Number(deadLetters) > 0),
    ).toBe(true);
    expect(oracle.parts.map(({ part }) => part)).not.toContain(IDLE_PART);
    expect(oracle.totals.filter(({ lateEvents }) => Number(lateEvents) > 0).length).toBeGreaterThan(10);
  });

  it('gives the same totals, late counts and dead letters by Node, by Flink and by the oracle', async () => {
    await expectTheOraclesCount(rig, oracle);
  }, 180_000);

  it.each([
    [
      'counts a repeat again',
      'PARTITION BY part, source, id ORDER',
      'PARTITION BY part, record_offset ORDER',
      'totals',
    ],
    ['takes no event for late', '<= max_ms - ', '<= -1 - ', 'totals'],
    [
      'lets a dead letter move the greatest event time',
      'MAX(CASE WHEN reason IS NULL THEN time_ms END)',
      'MAX(time_ms)',
      'parts',
    ],
  ] as const)(
    'finds out a job that %s',
    async (_what, from, to, differs) => {
      const found = await flinkCountOf(rig, oracle, replacing(from, to));
      expect(found[differs]).not.toEqual(oracle[differs]);
    },
    120_000,
  );
});

/** A job broken in one place. @throws where that place is not there */
function replacing(from: string, to: string): (statement: string) => string {
  expect(readFileSync(SQL_FILE, 'utf8')).toContain(from);
  return (statement) => statement.replaceAll(from, to);
}

/** What a transaction of kafkajs can take. */
const isSound = ({ value }: LogEntry): boolean => value !== null;

describe('an event at the edge of the contract', () => {
  let rig: Rig;
  let oracle: OracleCount;

  beforeAll(async () => {
    rig = await Rig.open({ PARTITION_BYTES_MAX: '2097152' });
    await feed(rig.client, oddEvents(Date.now() - MINUTE_MS));
    oracle = await countLog(rig.client, RULES);
  }, 60_000);

  afterAll(() => rig.close(), 60_000);

  it('is read the same by Node, by Flink and by the oracle', async () => {
    expect(new Set(oracle.letters.map(({ reason }) => reason)).size).toBe(9);
    await expectTheOraclesCount(rig, oracle);
  }, 180_000);

  it('is distinguished from other events by each of its rules', async () => {
    const found = await flinkCountOf(
      rig,
      oracle,
      replacing('document IS JSON AND in_list IS JSON', 'document IS JSON'),
    );
    expect(found.letters).not.toEqual(oracle.letters);
  }, 120_000);

  // Jackson's limits (StreamReadConstraints), which SQL cannot move. Such a record is kept, and can be replayed through Node.
  it('is refused by Flink as no JSON where it nests deeper than 1,000 levels or has a number or a name longer than its parser takes', async () => {
    const good = event(START_MS, 'deep');
    const beside = (member: string): OddMessage => ({
      ...good,
      value: `{${member},${String(good.value).slice(1)}`,
    });
    const deep = [
      `"deep":${'['.repeat(1_001)}${']'.repeat(1_001)}`,
      `"long":${'1'.repeat(1_001)}`,
      `"${'n'.repeat(50_001)}":1`,
    ];
    const own = await Rig.open();
    try {
      await feed(own.client, [...deep.map(beside), good]);
      const log = await countLog(own.client, RULES);
      expect(log.letters).toEqual([]);
      const found = await flinkCountOf(own, log);
      expect(found.letters.map(({ offset, reason }) => [offset, reason])).toEqual(
        deep.map((_, nth) => [String(nth), 'bad-json']),
      );
    } finally {
      await own.close();
    }
  }, 120_000);
});
