// A consumer whose fetches bring whole record batches: kafkajs manages the group and the connections, we read the log.
import type { Consumer, ConsumerConfig, Kafka } from 'kafkajs';
import { type Broker, clusterFactoryOf, type ProtocolCall } from './cluster.ts';
import {
  type FetchedRecord,
  forEachRecord,
  isAbortMarker,
  type RecordBatch,
  readBatches,
  type UnreadableBatch,
} from './records.ts';

const FETCH_KEY = 1;
const FETCH_VERSION = 11;

export interface BatchConsumer {
  readonly consumer: Consumer;
  /** Ends the fetches that wait for news, and makes no more: for a consumer that is to be disconnected now. */
  endWaiting(): void;
}

export interface BatchConsumerOptions {
  readonly config: Omit<ConsumerConfig, 'maxWaitTimeInMs'>;
  /**
   * How long the next fetch may wait for news, in whole ms; asked for each fetch. So long, too, it takes until partitions are
   * looked for again when there are none to fetch.
   */
  readonly waitMs: () => number;
  /** Called for a partition in trouble; without this kafkajs would give up the whole fetch. */
  readonly onFault: (fault: PartitionFault) => void;
}

/**
 * A consumer that receives `BatchMessage`s. Markers and aborted records reach it too, so that its position can move over
 * them: `visitRecords` leaves them out.
 */
export function createBatchConsumer(kafka: Kafka, options: BatchConsumerOptions): BatchConsumer {
  const factory = clusterFactoryOf(kafka);
  const fetches = new Fetches(options);
  factory.replace((given) => {
    const cluster = factory.create(given);
    const findBroker = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (query) => fetches.readByBatch(await findBroker(query));
    return cluster;
  });
  try {
    const config = { ...options.config, maxWaitTimeInMs: askedEachTime(options.waitMs) };
    return { consumer: kafka.consumer(config), endWaiting: () => fetches.endWaiting() };
  } finally {
    factory.replace(factory.create);
  }
}

/** kafkajs takes a fixed number. It only ever calculates with it, so an object whose `valueOf` is asked at each use works too. */
const askedEachTime = (value: () => number): number => ({ valueOf: value }) as unknown as number;

/** The answer to a fetch, as kafkajs reads it, that brings nothing. */
const NOTHING = { responses: [] };

/** The fetches of one consumer. */
class Fetches {
  private readonly options: BatchConsumerOptions;
  private readonly patched = new WeakSet<Broker>();
  private readonly underWay = new Set<() => void>();
  private isEnding = false;

  constructor(options: BatchConsumerOptions) {
    this.options = options;
  }

  readByBatch(broker: Broker): Broker {
    if (this.patched.has(broker)) return broker;
    this.patched.add(broker);
    const pool = broker.connectionPool;
    const send = pool.send.bind(pool);
    pool.send = (call: ProtocolCall) => {
      const { apiKey, apiVersion } = call.request;
      if (apiKey !== FETCH_KEY || apiVersion !== FETCH_VERSION) return send(call);
      const response = {
        decode: (raw: Buffer) => decodeFetch(raw, this.options.onFault),
        parse: (decoded: unknown) => call.response.parse(decoded),
      };
      if (this.isEnding) return Promise.resolve(NOTHING);
      // kafkajs would wait for the answer even when it disconnects.
      const giveUp = (): void => pool.pool[1]?.requestQueue.rejectAll(new Error('the consumer stops'));
      return this.waitFor(send({ request: call.request, response }), giveUp);
    };
    return broker;
  }

  endWaiting(): void {
    this.isEnding = true;
    for (const end of this.underWay) end();
  }

  private waitFor(answer: Promise<unknown>, giveUp: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        resolve(NOTHING);
        giveUp();
      };
      this.underWay.add(end);
      answer.then(resolve, reject).finally(() => this.underWay.delete(end));
    });
  }
}

/** A transaction that was aborted: its producer's records from this offset on, up to its marker, never happened. */
interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** What stands in kafkajs's list of messages: one entry per record batch. */
export interface BatchMessage {
  /** Last offset of the batch, so that kafkajs goes on behind it. */
  readonly offset: string;
  readonly recordBatch: RecordBatch | UnreadableBatch;
  readonly aborted: readonly AbortedTransaction[];
}

/** A partition that the broker refuses to read to us, while it serves the others of the same request. */
export interface PartitionFault {
  /** As the cluster names it. */
  readonly topic: string;
  readonly partition: number;
  /** Kafka protocol guide, "Error Codes". */
  readonly errorCode: number;
}

/** Leaves out control batches and those of aborted transactions, as the Java consumer does under read_committed. */
function committedBatches(messages: readonly BatchMessage[]): (RecordBatch | UnreadableBatch)[] {
  const waiting = [...(messages[0]?.aborted ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<bigint>();
  return messages.flatMap(({ recordBatch: batch }): (RecordBatch | UnreadableBatch)[] => {
    while (waiting[0] && waiting[0].firstOffset <= batch.lastOffset)
      aborting.add(waiting.shift()!.producerId);
    if ('fault' in batch) return [batch];
    if (isAbortMarker(batch)) aborting.delete(batch.producerId);
    return batch.isControl || (batch.isTransactional && aborting.has(batch.producerId)) ? [] : [batch];
  });
}

/**
 * The answer to a fetch, read into record batches that are still encoded.
 * Source of the format: Kafka protocol guide, "Fetch Response (Version: 11)".
 * @param onFault called for each partition that the broker refuses while it serves the others
 */
async function decodeFetch(raw: Buffer, onFault: (fault: PartitionFault) => void): Promise<unknown> {
  const cursor = { raw, at: 10 };
  const responses = [];
  for (let topics = int32(cursor); topics > 0; topics -= 1) {
    const topicName = string(cursor);
    const partitions = [];
    for (let count = int32(cursor); count > 0; count -= 1) {
      partitions.push(await decodePartition(cursor, (fault) => onFault({ topic: topicName, ...fault })));
    }
    responses.push({ topicName, partitions });
  }
  return {
    throttleTime: 0,
    // KIP-219: the broker has not held the answer back, it is the client that must wait.
    clientSideThrottleTime: raw.readInt32BE(0),
    errorCode: raw.readInt16BE(4),
    sessionId: raw.readInt32BE(6),
    responses,
  };
}

interface Cursor {
  readonly raw: Buffer;
  at: number;
}

/** Codes that kafkajs handles by itself: it takes other offsets, or asks anew who leads the partition. */
const MENDED_BY_CLIENT = new Set([0, 1, 3, 5, 6, 9, 74, 75, 76]);

async function decodePartition(
  cursor: Cursor,
  onFault: (fault: Omit<PartitionFault, 'topic'>) => void,
): Promise<unknown> {
  const partition = int32(cursor);
  const toldCode = cursor.raw.readInt16BE(cursor.at);
  cursor.at += 2;
  const errorCode = MENDED_BY_CLIENT.has(toldCode) ? toldCode : 0;
  if (errorCode !== toldCode) onFault({ partition, errorCode: toldCode });
  const highWatermark = String(int64(cursor));
  const lastStableOffset = String(int64(cursor));
  const lastStartOffset = String(int64(cursor));
  const aborted: AbortedTransaction[] = [];
  for (let count = int32(cursor); count > 0; count -= 1) {
    aborted.push({ producerId: int64(cursor), firstOffset: Number(int64(cursor)) });
  }
  const preferredReadReplica = int32(cursor);
  const size = Math.max(0, int32(cursor));
  cursor.at += size;
  const batches = await readBatches(cursor.raw.subarray(cursor.at - size, cursor.at));
  const messages: BatchMessage[] = batches.map((recordBatch) => ({
    offset: String(recordBatch.lastOffset),
    recordBatch,
    aborted,
  }));
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    lastStartOffset,
    abortedTransactions: [],
    preferredReadReplica,
    messages,
  };
}

function int32(cursor: Cursor): number {
  cursor.at += 4;
  return cursor.raw.readInt32BE(cursor.at - 4);
}

function int64(cursor: Cursor): bigint {
  cursor.at += 8;
  return cursor.raw.readBigInt64BE(cursor.at - 8);
}

function string(cursor: Cursor): string {
  const length = cursor.raw.readInt16BE(cursor.at);
  cursor.at += 2 + length;
  return cursor.raw.toString('utf8', cursor.at - length, cursor.at);
}

/** Visits the committed records from an offset on, and in their place batches that cannot be read. */
export function visitRecords(
  messages: readonly BatchMessage[],
  fromOffset: number,
  visit: (record: FetchedRecord) => void,
  visitUnreadable: (batch: UnreadableBatch) => void,
): void {
  for (const batch of committedBatches(messages)) {
    if ('fault' in batch) {
      if (batch.lastOffset >= fromOffset) visitUnreadable(batch);
      continue;
    }
    forEachRecord(batch, (record) => {
      // A fetch answers with whole batches, so the first may begin before the offset that was asked for.
      if (record.offset >= fromOffset) visit(record);
    });
  }
}
