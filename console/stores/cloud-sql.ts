// Cloud SQL, the system of record: totals as they are now, what was published of them, where each partition stands.
import type { Pool } from '#runtime/postgres/database.ts';
import { type Cell, chosenView, offsetOf, type Store } from './store.ts';

/** Fixed statements: nothing of a request becomes SQL. `$1` is the limit, `$2` the offset. */
const VIEWS = {
  totals: {
    about: 'Every window and size label, counted up to this moment; late events are included.',
    sql: `SELECT window_start, size_label, events, bytes, late_events, late_bytes
      FROM analytics.size_label_totals ORDER BY window_start DESC, size_label LIMIT $1 OFFSET $2`,
  },
  published: {
    about: 'Each revision of a closed window that was handed to the exporter.',
    sql: `SELECT window_start, size_label, revision, events, bytes, late_events, late_bytes, created_at
      FROM analytics.window_out ORDER BY window_start DESC, size_label, revision DESC LIMIT $1 OFFSET $2`,
  },
  deliveries: {
    about: 'How far each revision has come on its way to each sink.',
    sql: `SELECT window_start, size_label, revision, sink, state, attempts, last_error
      FROM analytics.delivery ORDER BY window_start DESC, size_label, revision DESC, sink LIMIT $1 OFFSET $2`,
  },
  'dead letters': {
    about: 'Records that could not be counted, by where they lie in the topic, and why.',
    sql: `SELECT topic, part, "offset", reason, detail, length(raw) AS bytes, published
      FROM analytics.dlq ORDER BY topic, part, "offset" DESC LIMIT $1 OFFSET $2`,
  },
  partitions: {
    about: 'The next offset to count of each partition, and where the partition ended when last asked.',
    sql: `SELECT topic, part, next_offset, end_offset, greatest(end_offset - next_offset, 0) AS lag,
        events, dead_letters, repeats, owner
      FROM analytics.part_state WHERE retired_at IS NULL ORDER BY topic_id, part LIMIT $1 OFFSET $2`,
  },
} as const;

const NAMES = Object.keys(VIEWS) as (keyof typeof VIEWS)[];
/** int8, int2, int4, numeric: `pg_type.oid`. */
const NUMBER_TYPES = new Set([20, 21, 23, 1700]);

/** The analytics schema's tables. */
export const cloudSqlStore = (pool: Pool): Store => ({
  name: 'cloud-sql',
  title: 'Cloud SQL',
  async read({ view: asked, limit, after }) {
    const view = chosenView(NAMES, asked);
    const offset = offsetOf(after);
    const { fields, rows } = await pool.query<unknown[]>({
      text: VIEWS[view].sql,
      // One more than is shown, to know whether there is a next page.
      values: [limit + 1, offset],
      rowMode: 'array',
    });
    return {
      about: VIEWS[view].about,
      views: NAMES,
      view,
      columns: fields.map(({ name, dataTypeID }) => ({ name, isNumber: NUMBER_TYPES.has(dataTypeID) })),
      rows: rows.slice(0, limit).map((row) => row.map(toCell)),
      ...(rows.length > limit ? { next: String(offset + limit) } : {}),
    };
  },
});

function toCell(value: unknown): Cell {
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value === 'number' || typeof value === 'string') return value;
  return JSON.stringify(value);
}
