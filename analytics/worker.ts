// Batches of product-images.processed in, committed totals out. Exactly once: see state.ts for the fence.
// A batch is folded while the one before it is being committed; memory may run one batch ahead of Postgres, never more,
// and after any failure it is thrown away.
import { backoffMs } from '#runtime/backoff.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { PartitionBatch } from '#runtime/partition-consumer.ts';
import type { Claims } from './claims.ts';
import { type FoldedBatch, foldBatch } from './fold.ts';
import type { WorkerMetrics } from './metrics.ts';
import { type Claim, FencedError, type PartitionState } from './state.ts';
import type { Patience } from './topology.ts';

export interface WorkerOptions {
  readonly state: PartitionState;
  readonly claims: Claims;
  readonly metrics: WorkerMetrics;
  readonly log: Logger;
  readonly patience: Patience;
  /** Longer than the heartbeat interval: after it a heartbeat is really sent and tells whether we are still a member. */
  readonly fencedWaitMs: number;
  /** Reads a partition from this offset on. */
  readonly seek: (part: number, offset: number) => void;
}

/** Commits of one partition in order; one may be under way while the next batch is folded. */
export class Worker {
  private readonly options: WorkerOptions;
  private readonly committing = new Map<Claim, Promise<boolean>>();
  private readonly failures = new Map<number, number>();

  constructor(options: WorkerOptions) {
    this.options = options;
  }

  /** Takes one batch and answers with the offset to read on from. */
  async handle(batch: PartitionBatch): Promise<number> {
    const claim = await this.options.claims.hold(batch.partition, batch);
    if (!claim) return batch.fetchedOffset;
    // A jump that nothing explains, or wholly behind us: read from our own position instead.
    if (batch.fetchedOffset > claim.nextOffset || batch.nextOffset <= claim.nextOffset)
      return claim.nextOffset;
    const folded = foldBatch(claim, batch, this.options.patience);
    claim.nextOffset = folded.nextOffset;
    claim.maxTimeMs = folded.maxTimeMs;
    const before = this.committing.get(claim) ?? Promise.resolve(true);
    const commit = this.commitAfter(before, claim, folded, batch.endOffset).finally(() => {
      if (this.committing.get(claim) === commit) this.committing.delete(claim);
    });
    this.committing.set(claim, commit);
    // When the commit before failed, a new claim and a seek are under way already, and this batch was never committed.
    await before;
    return folded.nextOffset;
  }

  /** Resolves when nothing is being committed any more. */
  async settle(): Promise<void> {
    await Promise.all(this.committing.values());
  }

  /** False when the batch, or one before it, was not committed by this claim: the claim is then dropped. */
  private async commitAfter(
    before: Promise<boolean>,
    claim: Claim,
    folded: FoldedBatch,
    endOffset: number,
  ): Promise<boolean> {
    if (!(await before)) return false;
    const startedAtMs = performance.now();
    const end = Math.max(endOffset, folded.nextOffset);
    try {
      await this.options.state.commit(claim, folded, end);
    } catch (error) {
      this.giveUp(claim, error);
      return false;
    }
    this.failures.delete(claim.part);
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
