// One consistent look at what the worker's database says of images: every table that is compared, in one transaction.
import type { Totals } from './report.ts';
import { type Fields, look, MS, readTopicState, type TopicState } from './topic-state.ts';

export interface PartRow extends Totals {
  readonly topicId: string;
  readonly part: number;
  readonly windowStartMs: number;
  readonly label: string;
  readonly isPublished: boolean;
}

export interface Revision extends Totals {
  readonly windowStartMs: number;
  readonly label: string;
  readonly revision: number;
  /** State of the delivery to each sink that it was meant for. */
  readonly deliveries: Readonly<Record<string, string>>;
}

export interface Snapshot extends TopicState {
  readonly rows: readonly PartRow[];
  readonly revisions: readonly Revision[];
}

const TOTALS = 'events::text, bytes::text, late_events::text, late_bytes::text';
const ROWS = `
SELECT topic_id, part, ${MS('window_start')} AS at, size_label, published, ${TOTALS} FROM analytics.window_part`;
const REVISIONS = `
SELECT ${MS('o.window_start')} AS at, o.size_label, o.revision, ${TOTALS},
       COALESCE((SELECT json_object_agg(d.sink, d.state) FROM analytics.delivery d
                 WHERE d.window_start = o.window_start AND d.size_label = o.size_label
                   AND d.revision = o.revision), '{}') AS deliveries
FROM analytics.window_out o ORDER BY o.window_start, o.size_label, o.revision`;

/** Everything about the images' topic, whose name on the cluster is given. */
export async function takeSnapshot(connectionString: string, topic: string): Promise<Snapshot> {
  return look(connectionString, async (client) => ({
    ...(await readTopicState(client, topic)),
    rows: (await client.query(ROWS)).rows.map(rowOf),
    revisions: (await client.query(REVISIONS)).rows.map(revisionOf),
  }));
}

/** The revisions as they are now: sinks may hold what was published since the snapshot. */
export async function readRevisions(connectionString: string): Promise<Revision[]> {
  return look(connectionString, async (client) => (await client.query(REVISIONS)).rows.map(revisionOf));
}

const totalsOf = (row: Fields): Totals => ({
  events: BigInt(row.events!),
  bytes: BigInt(row.bytes!),
  lateEvents: BigInt(row.late_events!),
  lateBytes: BigInt(row.late_bytes!),
});
const rowOf = (row: Fields): PartRow => ({
  ...totalsOf(row),
  topicId: row.topic_id!,
  part: row.part!,
  windowStartMs: row.at!,
  label: row.size_label!,
  isPublished: row.published!,
});
const revisionOf = (row: Fields): Revision => ({
  ...totalsOf(row),
  windowStartMs: row.at!,
  label: row.size_label!,
  revision: row.revision!,
  deliveries: row.deliveries!,
});
