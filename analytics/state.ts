// Claims and commits of one topic's partitions in Postgres. Guarantee: a batch is committed whole, once, and only by the
// partition's latest claimant: the fence (epoch and compare-and-swap on the offset) refuses everybody else.
import { AppError } from '#runtime/errors.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import type { FoldedBatch } from './fold.ts';
import type { SeenIds } from './seen-ids.ts';
import * as sql from './state.sql.ts';
import { addDeadLetters, addSeenIds, loadSeenIds, type PartitionKey } from './state-rows.ts';

/** A partition that this worker holds, and its position. */
export interface Claim extends PartitionKey {
  readonly epoch: number;
  /** Behind the last batch that was taken in; ahead of `nextOffset` while that batch waits to be folded. */
  readOffset: number;
  /** Behind the last record that was folded. */
  nextOffset: number;
  maxTimeMs: number | undefined;
  readonly seen: SeenIds;
}

/** The commit was refused: another worker has claimed the partition since, or its position is another. */
export class FencedError extends Error {
  constructor(claim: Claim) {
    super(
      `partition ${claim.part} was claimed by another worker after epoch ${claim.epoch}, or its position moved`,
    );
    this.name = 'FencedError';
  }
}

/** A run of Flink holds the topic: it can be claimed once that run is over. */
export class HeldByFlink extends AppError {
  constructor(topic: string) {
    super('held-by-flink', `Flink counts ${topic}: nobody may claim it until that run is over`);
    this.name = 'HeldByFlink';
  }
}

/** Moves the position if the claim still holds; false refuses the commit. */
export type Fence = (
  client: PoolClient,
  claim: Claim,
  batch: FoldedBatch,
  endOffset: number,
) => Promise<boolean>;

/** `UPDATE … WHERE epoch = mine AND next_offset = old` must change its row. */
export const compareAndSwapFence: Fence = async (client, claim, batch, endOffset) => {
  const { rowCount } = await client.query({
    name: 'fence',
    text: sql.ADVANCE,
    values: [
      claim.topicId,
      claim.part,
      claim.epoch,
      batch.fromOffset,
      batch.nextOffset,
      batch.maxTimeMs ?? null,
      endOffset,
      batch.events,
      batch.deadLetters.length,
      batch.repeats,
      batch.absent,
    ],
  });
  return rowCount === 1;
};

/** Adds a batch's rows within the transaction that moves the position. */
export type SaveRows<Rows> = (client: PoolClient, partition: PartitionKey, rows: Rows) => Promise<void>;

export interface PartitionStateOptions<Rows> {
  readonly pool: Pool;
  readonly topic: string;
  readonly owner: string;
  readonly seenIdsMax: number;
  readonly saveRows: SaveRows<Rows>;
  /** @default compareAndSwapFence; the reliability suite proves that without it the totals go wrong */
  readonly fence?: Fence;
}

/** A range of offsets that the log lost before they were read. */
export interface LogGap extends PartitionKey {
  readonly fromOffset: number;
  readonly toOffset: number;
}

export class PartitionState<Rows> {
  private readonly pool: Pool;
  private readonly options: PartitionStateOptions<Rows>;
  private readonly fence: Fence;

  constructor(options: PartitionStateOptions<Rows>) {
    this.pool = options.pool;
    this.options = options;
    this.fence = options.fence ?? compareAndSwapFence;
  }

  /**
   * Takes a partition over from its holder: raises the epoch, then reads position and remembered ids.
   * @throws HeldByFlink
   */
  async claim(topicId: string, part: number, earliestOffset: number): Promise<Claim> {
    return inTransaction(this.pool, async (client) => {
      const { topic, owner, seenIdsMax } = this.options;
      await client.query(sql.RETIRE, [topic, topicId]);
      const { rows } = await client.query<{ next_offset: number; epoch: number; max_ts: number | null }>(
        sql.CLAIM,
        [topicId, part, topic, earliestOffset, owner],
      );
      if (!rows[0]) throw new HeldByFlink(topic);
      const { next_offset: nextOffset, epoch, max_ts: maxTs } = rows[0];
      const seen = await loadSeenIds(client, { topicId, part }, seenIdsMax);
      return {
        topicId,
        part,
        epoch,
        readOffset: nextOffset,
        nextOffset,
        maxTimeMs: maxTs ?? undefined,
        seen,
      };
    });
  }

  /**
   * Commits a batch.
   * @throws FencedError when the claim holds no longer: nothing was written.
   * Any other error leaves the outcome unknown: claim again and read the position.
   */
  async commit(claim: Claim, batch: FoldedBatch<Rows>, endOffset: number): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      if (!(await this.fence(client, claim, batch, endOffset))) throw new FencedError(claim);
      await this.options.saveRows(client, claim, batch.rows);
      await addDeadLetters(client, claim, batch, this.options.topic);
      await addSeenIds(client, claim, batch);
    });
  }

  /** Notes where the broker says claimed partitions end, and since when we have been there. */
  async recordEnds(ends: readonly (readonly [Claim, endOffset: number])[]): Promise<void> {
    await this.pool.query(sql.RECORD_ENDS, [
      ends.map(([claim]) => claim.topicId),
      ends.map(([claim]) => claim.part),
      ends.map(([claim]) => claim.epoch),
      ends.map(([, endOffset]) => endOffset),
    ]);
  }

  /** Records the ends, as the broker reports them, of a topic that a run of Flink holds. Resolves with the run's position in each partition. */
  async recordRunEnds(
    topicId: string,
    ends: ReadonlyMap<number, number>,
  ): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.pool.query<{ part: number; next_offset: number }>(sql.RECORD_RUN_ENDS, [
      topicId,
      [...ends.keys()],
      [...ends.values()],
    ]);
    return new Map(rows.map((row) => [row.part, row.next_offset]));
  }

  /** Notes a gap; true when a person has accepted it, and then the position is behind it. */
  async recordGap(gap: LogGap): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      const isAccepted = await this.noteGap(client, gap);
      if (!isAccepted) return false;
      await client.query(sql.SKIP_GAP, [gap.topicId, gap.part, gap.fromOffset, gap.toOffset]);
      return true;
    });
  }

  /** Notes a gap before a run of Flink, which writes nothing more of the partition until a person accepts it. */
  async recordRunGap(gap: LogGap): Promise<void> {
    await this.noteGap(this.pool, gap);
  }

  /** True when a person has accepted it. */
  private async noteGap(client: Pick<PoolClient, 'query'>, gap: LogGap): Promise<boolean> {
    const { topicId, part, fromOffset, toOffset } = gap;
    const { rows } = await client.query<{ accepted: boolean }>(sql.RECORD_GAP, [
      topicId,
      part,
      fromOffset,
      toOffset,
      this.options.topic,
    ]);
    return rows[0]!.accepted;
  }
}
