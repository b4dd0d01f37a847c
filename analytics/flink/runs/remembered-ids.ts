// The ids that Node workers would remember at the end of a run, read from the log: Flink keeps its own where no other program can read them.
import type { KafkaClient } from '#runtime/kafka/client.ts';
import type { Logger } from '#runtime/log.ts';
import { foldBatch, type Position, type Topology } from '../../fold.ts';
import { SeenIds } from '../../seen-ids.ts';
import { type ImageBytes, readImageBytes } from '../../topology.ts';
import { readRanges } from './log-ranges.ts';

/** What is to be remembered of a partition. */
export interface Memory {
  readonly part: number;
  /** Where reading began; everything in `ids` came at this offset or later. */
  readonly firstOffset: number;
  /** Packed, in log order, at most as many as are remembered. */
  readonly ids: Buffer;
}

/** A partition at the end of a run. */
export interface RunEnd {
  readonly part: number;
  readonly countFrom: number;
  readonly nextOffset: number;
  /** The first offset that the log still has. */
  readonly earliest: number;
  /** What is remembered of the offsets below `countFrom`. */
  readonly loadSeen: () => Promise<SeenIds>;
}

export interface MemoryOptions {
  readonly client: KafkaClient;
  /** Without the platform's prefix. */
  readonly topic: string;
  readonly seenIdsMax: number;
  readonly ends: readonly RunEnd[];
  readonly log: Logger;
}

/** Ids are all that is kept. */
const IDS_ALONE: Topology<ImageBytes, undefined> = {
  read: readImageBytes,
  begin: () => ({ add: () => {}, rows: () => undefined }),
};
const ID_BYTES = 8;

/**
 * Reads back until as many ids are found as are remembered, or the run begins, or the log does. From the run's beginning on it is what Node
 * would remember, exactly; from a later offset on, an id that came before it and again behind it counts as one of that place.
 */
export async function rememberIds(options: MemoryOptions): Promise<Memory[]> {
  const memories: Memory[] = [];
  let lookedBack = options.seenIdsMax * 2;
  let left = options.ends.filter(({ countFrom, nextOffset }) => countFrom < nextOffset);
  while (left.length > 0) {
    const read = await readBack(options, left, lookedBack);
    const isEnough = (end: RunEnd, { firstOffset, ids }: Memory) =>
      firstOffset <= Math.max(end.countFrom, end.earliest) || ids.length >= options.seenIdsMax * ID_BYTES;
    memories.push(...read.filter((memory, index) => isEnough(left[index]!, memory)));
    left = left.filter((end, index) => !isEnough(end, read[index]!));
    lookedBack *= 4;
  }
  return memories.filter(({ ids }) => ids.length > 0);
}

/** In the order of `ends`. */
async function readBack(
  { client, topic, seenIdsMax, log }: MemoryOptions,
  ends: readonly RunEnd[],
  lookedBack: number,
): Promise<Memory[]> {
  const found = await Promise.all(
    ends.map(async (end) => {
      const firstOffset = Math.max(end.countFrom, end.earliest, end.nextOffset - lookedBack);
      const seen = firstOffset === end.countFrom ? await end.loadSeen() : new SeenIds(seenIdsMax);
      const position: Position = { nextOffset: firstOffset, maxTimeMs: undefined, seen };
      return { end, firstOffset, position, ids: [] as Buffer[] };
    }),
  );
  const ofPart = new Map(found.map((one) => [one.end.part, one]));
  await readRanges({
    client,
    topic,
    log,
    ranges: found.map(({ end, firstOffset }) => ({
      part: end.part,
      fromOffset: firstOffset,
      toOffset: end.nextOffset,
    })),
    onBatch: (part, batch) => {
      const one = ofPart.get(part)!;
      const folded = foldBatch(one.position, batch, IDS_ALONE);
      one.position = { ...one.position, nextOffset: folded.nextOffset };
      one.ids.push(folded.ids.toBuffer());
    },
  });
  return found.map(({ end, firstOffset, ids }) => ({
    part: end.part,
    firstOffset,
    // Of all that were found, the newest.
    ids: Buffer.concat(ids).subarray(-seenIdsMax * ID_BYTES),
  }));
}
