// Batches of product-images.processed in, committed totals out. Exactly once: see state.ts for the fence.
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '#runtime/backoff.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/log.ts';
import type { PartitionBatch } from '#runtime/partition-consumer.ts';
import type { Claims } from './claims.ts';
import { foldBatch } from './fold.ts';
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
}

/** Folds and commits one batch; answers with the offset to read on from. */
export function createBatchHandler(options: WorkerOptions): (batch: PartitionBatch) => Promise<number> {
  const failures = new Map<number, number>();
  return async (batch) => {
    const claim = await options.claims.hold(batch.partition, batch);
    if (!claim) return batch.fetchedOffset;
    // A jump that nothing explains, or wholly behind us: read from our own position instead.
    if (batch.fetchedOffset > claim.nextOffset || batch.nextOffset <= claim.nextOffset)
      return claim.nextOffset;
    const startedAtMs = performance.now();
    const folded = foldBatch(claim, batch, options.patience);
    try {
      await options.state.commit(claim, folded, Math.max(batch.endOffset, folded.nextOffset));
    } catch (error) {
      const failed = failures.get(batch.partition) ?? 0;
      failures.set(batch.partition, failed + 1);
      return recover(options, batch, claim, error, failed);
    }
    failures.delete(batch.partition);
    options.metrics.committed(batch, folded, performance.now() - startedAtMs);
    return folded.nextOffset;
  };
}

/** After any failure the memory is worth nothing: drop it and see what Postgres holds. */
async function recover(
  options: WorkerOptions,
  batch: PartitionBatch,
  claim: Claim,
  error: unknown,
  failed: number,
): Promise<number> {
  const { claims, metrics, log } = options;
  claims.drop(claim);
  const isFenced = error instanceof FencedError;
  metrics.commitFailed(isFenced ? 'fenced' : 'unknown');
  log.warn(
    { part: batch.partition, fenced: isFenced, reason: messageOf(error) },
    'commit failed, claiming again',
  );
  // Claiming at once after a refusal would steal the partition back from its rightful owner: let the group speak first.
  await sleep(isFenced ? options.fencedWaitMs : backoffMs(failed, 50));
  await batch.heartbeat();
  const fresh = await claims.hold(batch.partition, batch);
  return fresh?.nextOffset ?? batch.fetchedOffset;
}
