// Faults that need an exact instant: a kill between two statements, a connection cut after a COMMIT, a fence left out.
import type { Pool, PoolClient } from '#runtime/postgres/database.ts';
import type { ActivityRows } from '../../analytics/activity/activity-sums.ts';
import type { Counted } from '../../analytics/analytics.ts';
import { type Fence, PartitionState } from '../../analytics/state.ts';

/** Instants of the worker's transaction and of the exporter's round. */
export type KillPoint = 'after-fence' | 'before-commit' | 'after-commit' | 'before-mark';

export interface Sabotage {
  /** What the worker counts: a spec about one of the two need not wait for the other. @default the bytes of images only */
  readonly counted?: readonly Counted[];
  /** False leaves the compare-and-swap out: the negative control. */
  readonly fence?: boolean;
  /** The process kills itself (SIGKILL) when this instant comes for the nth time. */
  readonly killAt?: { readonly point: KillPoint; readonly nth: number };
  /** The process stops itself (SIGSTOP) right before it commits its nth batch, which it will try to commit when it resumes. */
  readonly freezeAtCommit?: number;
  /** Counts only batches that have payments or refunds for that. */
  readonly freezeWithRevenue?: boolean;
  /** Cuts the connection right after every nth COMMIT of a batch: the worker does not know whether it was carried out. */
  readonly cutEveryNthCommit?: number;
  /** Statements commit one by one: the negative control of atomicity. */
  readonly autocommit?: boolean;
  /** The longest wait for Postgres. */
  readonly waitMsMax?: number;
}

/**
 * Moves the position for any worker and from any offset, as a worker without a fence would. The key of `seen_ids` would also stop a
 * second commit whose batch begins at the same offset: that row is deleted, so that only luck protects.
 */
export const withoutFence: Fence = async (client, claim, batch, endOffset) => {
  await client.query(
    'DELETE FROM analytics.seen_ids WHERE topic_id = $1 AND part = $2 AND first_offset = $3',
    [claim.topicId, claim.part, batch.fromOffset],
  );
  await client.query(
    `UPDATE analytics.part_state
     SET next_offset = $3::bigint, max_ts = $4::bigint, end_offset = $5::bigint, end_at = now(),
         idle_since = CASE WHEN $3::bigint >= $5::bigint THEN now() END,
         events = events + $6, dead_letters = dead_letters + $7, repeats = repeats + $8, absent = absent + $9
     WHERE topic_id = $1 AND part = $2`,
    [
      claim.topicId,
      claim.part,
      batch.nextOffset,
      batch.maxTimeMs ?? null,
      endOffset,
      batch.events,
      batch.deadLetters.length,
      batch.repeats,
      batch.absent,
    ],
  );
  return true;
};

const STOP_MS = 200;

/** Freezes the process right before it commits its nth batch, of which Postgres has nothing yet. */
export function freezeBeforeCommit({ freezeAtCommit, freezeWithRevenue = false }: Sabotage): void {
  if (!freezeAtCommit) return;
  const { commit } = PartitionState.prototype;
  let commits = 0;
  PartitionState.prototype.commit = function (...given) {
    const { revenue = [] } = given[1].rows as Partial<ActivityRows>;
    if (!freezeWithRevenue || revenue.length > 0) commits += 1;
    if (commits === freezeAtCommit) {
      // Only once: the batches after it resumes may have no revenue, and the counter would stay at n.
      commits += 1;
      process.kill(process.pid, 'SIGSTOP');
      // The signal takes a moment. A query begun until then would time out while the process is frozen, and protect by luck.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STOP_MS);
    }
    return commit.apply(this, given);
  };
}

type Statement = string | { readonly text: string };
type Query = (statement: Statement, values?: unknown[], callback?: unknown) => Promise<unknown>;

/** Puts the faults into the pool's connections. */
export function sabotagePool(pool: Pool, sabotage: Sabotage): void {
  const counts: Record<KillPoint, number> = {
    'after-fence': 0,
    'before-commit': 0,
    'after-commit': 0,
    'before-mark': 0,
  };
  const reach = (point: KillPoint): void => {
    counts[point] += 1;
    if (sabotage.killAt?.point === point && sabotage.killAt.nth === counts[point])
      process.kill(process.pid, 'SIGKILL');
  };
  const connect = pool.connect.bind(pool) as () => Promise<PoolClient>;
  const plainQuery = pool.query.bind(pool) as unknown as Query;
  const query: Query = (statement, values) => {
    if (/SET (state = 'done'|delivered_at = now\(\))/.test(textOf(statement))) reach('before-mark');
    return plainQuery(statement, values);
  };
  Object.assign(pool, {
    // The pool's own query() gets its client by a callback: that call stays unchanged.
    connect: (callback?: unknown) =>
      callback
        ? (connect as (given: unknown) => unknown)(callback)
        : connect().then((client) => suffer(client, sabotage, reach)),
    query,
  });
}

const suffering = new WeakMap<PoolClient, { isBatch: boolean; commits: number }>();

function suffer(client: PoolClient, sabotage: Sabotage, reach: (point: KillPoint) => void): PoolClient {
  if (suffering.has(client)) return client;
  const state = { isBatch: false, commits: 0 };
  suffering.set(client, state);
  const query = client.query.bind(client) as unknown as Query;
  const faulty: Query = async (statement, values, callback) => {
    // The pool's own query() uses a callback too, on the same clients.
    if (callback) return query(statement, values, callback);
    const text = textOf(statement);
    if (text === 'BEGIN') state.isBatch = false;
    if (text === 'COMMIT' && state.isBatch) return commit(statement);
    if (sabotage.autocommit && (text === 'BEGIN' || text === 'COMMIT')) return { command: text };
    const answer = await query(statement, values);
    if (text.includes('UPDATE analytics.part_state') && text.includes('idle_since')) {
      state.isBatch = true;
      reach('after-fence');
    }
    return answer;
  };
  const commit = async (statement: Statement): Promise<unknown> => {
    reach('before-commit');
    state.commits += 1;
    const answer = sabotage.autocommit ? Promise.resolve({ command: 'COMMIT' }) : query(statement);
    if (sabotage.cutEveryNthCommit && state.commits % sabotage.cutEveryNthCommit === 0) cut(client);
    await answer;
    reach('after-commit');
    return answer;
  };
  Object.assign(client, { query: faulty });
  return client;
}

/** The statement has been written to the socket by then; the answer never arrives. */
function cut(client: PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  setImmediate(() => connection.stream.destroy());
}

const textOf = (statement: Statement): string => (typeof statement === 'string' ? statement : statement.text);
