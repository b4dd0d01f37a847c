// Batches of one topic in, committed rows out. Exactly once: see state.ts for the fence.
// One batch of a partition is folded and committed while the next is being fetched; never more than that is held, and
// after any failure it is thrown away.
import { setImmediate as immediate } from 'node:timers/promises';
import { backoffMs } from '#runtime/backoff.ts';
import { messageOf } from '#runtime/errors.ts';
import type { PartitionBatch } from '#runtime/kafka/group-consumer.ts';
import type { Logger } from '#runtime/log.ts';
import type { Claims } from './claims.ts';
import { type FoldedBatch, foldBatch, type LogEvent, type Topology } from './fold.ts';
import type { WorkerMetrics } from './metrics.ts';
import { type Claim, FencedError, type PartitionState } from './state.ts';

export interface WorkerOptions<Event extends LogEvent, Rows> {
  readonly topology: Topology<Event, Rows>;
  readonly state: Pick<PartitionState<Rows>, 'commit'>;
  readonly claims: Claims;
  readonly metrics: WorkerMetrics;
  /** Called with the rows of each batch once they are committed. */
  readonly onRows: (rows: Rows) => void;
  readonly log: Logger;
  /** Longer than the heartbeat interval: by then a heartbeat has shown whether we are still a member. */
  readonly fencedWaitMs: number;
  /** Reads a partition from this offset on. */
  readonly seek: (part: number, offset: number) => void;
}

/** Folds and commits the batches of each partition in order. */
export class Worker<Event extends LogEvent, Rows> {
  private readonly options: WorkerOptions<Event, Rows>;
  private readonly working = new Map<Claim, Promise<boolean>>();
  private readonly failures = new Map<number, number>();

  constructor(options: WorkerOptions<Event, Rows>) {
    this.options = options;
  }

  /** Takes one batch and answers with the offset to read on from. */
  async handle(batch: PartitionBatch): Promise<number> {
    const claim = await this.options.claims.hold(batch.partition, batch);
    if (!claim) return batch.fetchedOffset;
    // A jump that nothing explains, or wholly behind us: read from our own position instead.
    if (batch.fetchedOffset > claim.readOffset || batch.nextOffset <= claim.readOffset)
      return claim.readOffset;
    claim.readOffset = batch.nextOffset;
    const before = this.working.get(claim) ?? Promise.resolve(true);
    const work = this.foldAndCommit(before, claim, batch).finally(() => {
      if (this.working.get(claim) === work) this.working.delete(claim);
    });
    this.working.set(claim, work);
    // When the batch before failed, a new claim and a seek are under way already, and this batch is never committed.
    await before;
    return batch.nextOffset;
  }

  /** Resolves when no batch is in progress any more. */
  async settle(): Promise<void> {
    await Promise.all(this.working.values());
  }

  /** False when the batch, or one before it, was not committed by this claim: the claim is then dropped. */
  private async foldAndCommit(
    before: Promise<boolean>,
    claim: Claim,
    batch: PartitionBatch,
  ): Promise<boolean> {
    if (!(await before)) return false;
    // Lets the consumer ask for the next batch first: the broker works while we fold.
    await immediate();
    const startedAtMs = performance.now();
    let folded: FoldedBatch<Rows>;
    let end: number;
    try {
      folded = foldBatch(claim, batch, this.options.topology);
      claim.nextOffset = folded.nextOffset;
      claim.maxTimeMs = folded.maxTimeMs;
      end = Math.max(batch.endOffset, folded.nextOffset);
      await this.options.state.commit(claim, folded, end);
    } catch (error) {
      this.giveUp(claim, error);
      return false;
    }
    this.failures.delete(claim.part);
    this.options.onRows(folded.rows);
    this.options.metrics.committed(claim.part, folded, end, performance.now() - startedAtMs);
    return true;
  }

  /** After any failure the memory is worth nothing: claim again, see what Postgres holds, and read on from there. */
  private giveUp(claim: Claim, error: unknown): void {
    const { claims, metrics, log, fencedWaitMs, seek } = this.options;
    const isFenced = error instanceof FencedError;
    metrics.commitFailed(isFenced ? 'fenced' : 'unknown');
    log.warn(
      { part: claim.part, fenced: isFenced, reason: messageOf(error) },
      'commit failed, claiming again',
    );
    const failed = this.failures.get(claim.part) ?? 0;
    this.failures.set(claim.part, failed + 1);
    // Claiming at once after a refusal would steal the partition back from its rightful owner: let the group speak first.
    claims.drop(claim, isFenced ? fencedWaitMs : backoffMs(failed, 50));
    void claims.reclaim(claim.part).then((fresh) => fresh && seek(claim.part, fresh.nextOffset));
  }
}
