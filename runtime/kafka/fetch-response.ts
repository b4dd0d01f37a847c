// The answer to a fetch, read into record batches that are still encoded.
// Source of the format: Kafka protocol guide, "Fetch Response (Version: 11)".
import {
  type FetchedRecord,
  forEachRecord,
  isAbortMarker,
  type RecordBatch,
  readBatches,
  type UnreadableBatch,
} from './records.ts';

/** A transaction that was aborted: its producer's records from this offset on, up to its marker, never happened. */
export interface AbortedTransaction {
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

/** @param onFault told of partitions that the broker refuses while it serves the others */
export async function decodeFetch(raw: Buffer, onFault: (fault: PartitionFault) => void): Promise<unknown> {
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

/** Codes that kafkajs mends by itself: by other offsets, or by asking anew who leads the partition. */
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
