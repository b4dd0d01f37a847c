// Fetch responses of a consumer, kept as record batches: kafkajs manages the group and the connections, we read the log.
import type { Kafka } from 'kafkajs';
import { type Broker, clusterFactoryOf, type ProtocolCall } from './kafka-cluster.ts';
import { isAbortMarker, type RecordBatch, readBatches } from './kafka-records.ts';

const FETCH_KEY = 1;
const FETCH_VERSION = 11;

/** A transaction that was aborted: its producer's records from this offset on, up to its marker, never happened. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** What stands in kafkajs's list of messages: one entry per record batch. */
export interface BatchMessage {
  /** Last offset of the batch, so that kafkajs goes on behind it. */
  readonly offset: string;
  readonly recordBatch: RecordBatch;
  readonly aborted: readonly AbortedTransaction[];
}

/**
 * Makes every consumer that is created from this client from now on receive `BatchMessage`s. Markers and aborted
 * records reach the consumer too, so that its position can move over them: `committedBatches` leaves them out.
 */
export function fetchRecordBatches(kafka: Kafka): void {
  const factory = clusterFactoryOf(kafka);
  factory.replace((options) => {
    const cluster = factory.create(options);
    const findBroker = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (query) => readByBatch(await findBroker(query));
    return cluster;
  });
}

const patched = new WeakSet<Broker>();

function readByBatch(broker: Broker): Broker {
  if (patched.has(broker)) return broker;
  patched.add(broker);
  const pool = broker.connectionPool;
  const send = pool.send.bind(pool);
  pool.send = (call: ProtocolCall) => {
    const { apiKey, apiVersion } = call.request;
    if (apiKey !== FETCH_KEY || apiVersion !== FETCH_VERSION) return send(call);
    return send({
      request: call.request,
      response: { decode: decodeFetch, parse: (decoded) => call.response.parse(decoded) },
    });
  };
  return broker;
}

/** Leaves out control batches and those of aborted transactions, as the Java consumer does under read_committed. */
export function committedBatches(messages: readonly BatchMessage[]): RecordBatch[] {
  const waiting = [...(messages[0]?.aborted ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<bigint>();
  return messages.flatMap(({ recordBatch: batch }) => {
    while (waiting[0] && waiting[0].firstOffset <= batch.lastOffset)
      aborting.add(waiting.shift()!.producerId);
    if (isAbortMarker(batch)) aborting.delete(batch.producerId);
    return batch.isControl || (batch.isTransactional && aborting.has(batch.producerId)) ? [] : [batch];
  });
}

/** Fetch Response (Version: 11), Kafka protocol guide. */
async function decodeFetch(raw: Buffer): Promise<unknown> {
  const cursor = { raw, at: 10 };
  const responses = [];
  for (let topics = int32(cursor); topics > 0; topics -= 1) {
    const topicName = string(cursor);
    const partitions = [];
    for (let count = int32(cursor); count > 0; count -= 1) partitions.push(await decodePartition(cursor));
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

async function decodePartition(cursor: Cursor): Promise<unknown> {
  const partition = int32(cursor);
  const errorCode = cursor.raw.readInt16BE(cursor.at);
  cursor.at += 2;
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
