// Bytes per (window, size_label): what a batch of product-images.processed becomes, and the rows that it is added to.
import { productImagesProcessed } from '#contracts/topics.ts';
import type { PoolClient } from '#runtime/postgres/database.ts';
import type { Counting } from './counting.ts';
import type { Sums } from './fold.ts';
import type { PartitionKey } from './state-rows.ts';
import { type ImageBytes, isLate, type Patience, readImageBytes, windowStartOf } from './topology.ts';
import { type WindowDelta, WindowTotals } from './windows.ts';

/** Counts the bytes of images, with the late ones among them. */
export const imageBytesCounting = (patience: Patience): Counting<ImageBytes, readonly WindowDelta[]> => ({
  topic: productImagesProcessed,
  topology: { read: readImageBytes, begin: () => new ImageBytesSums(patience) },
  saveRows: addTotals,
});

class ImageBytesSums implements Sums<ImageBytes, readonly WindowDelta[]> {
  private readonly totals = new WindowTotals();
  private readonly patience: Patience;

  constructor(patience: Patience) {
    this.patience = patience;
  }

  add({ timeMs, label, bytes }: ImageBytes, maxEarlierMs: number | undefined): void {
    const windowStartMs = windowStartOf(timeMs);
    this.totals.add(windowStartMs, label, bytes, isLate(windowStartMs, maxEarlierMs, this.patience));
  }

  rows(): readonly WindowDelta[] {
    return this.totals.deltas();
  }
}

const ADD_TOTALS = `
INSERT INTO analytics.window_part AS w (window_start, size_label, topic_id, part, events, bytes, late_events, late_bytes)
SELECT d.window_start, d.size_label, $1, $2, d.events, d.bytes, d.late_events, d.late_bytes
FROM unnest($3::timestamptz[], $4::text[], $5::bigint[], $6::numeric[], $7::bigint[], $8::numeric[])
  WITH ORDINALITY AS d (window_start, size_label, events, bytes, late_events, late_bytes, n)
ORDER BY d.n
ON CONFLICT (window_start, size_label, topic_id, part) DO UPDATE
SET events = w.events + excluded.events, bytes = w.bytes + excluded.bytes,
    late_events = w.late_events + excluded.late_events, late_bytes = w.late_bytes + excluded.late_bytes,
    published = false`;

/** Adds a batch's deltas to the partition's own rows. */
async function addTotals(
  client: PoolClient,
  claim: PartitionKey,
  deltas: readonly WindowDelta[],
): Promise<void> {
  if (deltas.length === 0) return;
  await client.query({
    name: 'add-totals',
    text: ADD_TOTALS,
    values: [
      claim.topicId,
      claim.part,
      deltas.map((delta) => new Date(delta.windowStartMs)),
      deltas.map((delta) => delta.label),
      deltas.map((delta) => delta.events),
      deltas.map((delta) => delta.bytes),
      deltas.map((delta) => delta.lateEvents),
      deltas.map((delta) => delta.lateBytes),
    ],
  });
}
