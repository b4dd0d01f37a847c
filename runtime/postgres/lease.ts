// A work queue in a service's own table. In: rows that are due. Out: leases on them. A lease belongs to one holder until it ends; then the
// row is due again, so that another holder takes up the work of one that died, and the work is done at least once. The attempt's number
// is a fence: a holder that comes back after its lease has ended can no longer change the row.
//
// Rows that only a leader works (outbox, deliveries of analytics) need no lease: leadership.ts.
import type { PoolClient } from './database.ts';

type Queries = Pick<PoolClient, 'query'>;

/** What a queue needs to know of its table; all of it is SQL of ours, never a value. */
export interface QueueTable {
  /** Found in the search path, or with its schema, quoted. */
  readonly table: string;
  /** Column of the primary key, a text. */
  readonly id: string;
  /** Column with the time when the row is due: for a leased row, when its lease ends. */
  readonly dueAt: string;
  /** Column with the number of leases so far. */
  readonly attempts: string;
  /** Condition: the row is work that waits or is being done. */
  readonly isOpen: string;
  /** Condition: the row is being done. @default isOpen */
  readonly isHeld?: string;
}

/** A row that is one holder's. */
export interface Lease {
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
}

/** Other columns that change with a lease: assignments, whose parameters begin at `$4`. */
export interface Change {
  readonly set: string;
  readonly values?: readonly unknown[];
}

/** How rows are taken. */
export interface Taking {
  /** Longer than the work can take. */
  readonly leaseMs: number;
  /** More assignments; no parameters. @default none */
  readonly set?: string;
  /** Further columns of what is returned, such as `user_id AS "userId"`. @default none */
  readonly returning?: string;
}

/** The queue of a table. All times are the database's, so that clocks of replicas need not agree. */
export class LeaseQueue {
  private readonly names: QueueTable;

  constructor(names: QueueTable) {
    this.names = names;
  }

  /** Leases on what is due, the longest waiting first. Several takers at the same time get different rows, and none waits. */
  async take<Row>(queries: Queries, countMax: number, taking: Taking): Promise<(Lease & Row)[]> {
    return this.lease<Row>(
      queries,
      `ORDER BY ${this.names.dueAt} LIMIT $2 FOR UPDATE SKIP LOCKED`,
      countMax,
      taking,
    );
  }

  /** A lease on this row; undefined when it is not due or is another's. Waits for a transaction that is changing the row. */
  async takeOne<Row>(queries: Queries, id: string, taking: Taking): Promise<(Lease & Row) | undefined> {
    const [lease] = await this.lease<Row>(queries, `AND ${this.names.id} = $2 FOR UPDATE`, id, taking);
    return lease;
  }

  private async lease<Row>(
    queries: Queries,
    which: string,
    parameter: unknown,
    { leaseMs, set, returning }: Taking,
  ): Promise<(Lease & Row)[]> {
    const { table, id, dueAt, attempts, isOpen } = this.names;
    const { rows } = await queries.query<Lease & Row>(
      // An array and not `IN`: so the rows are chosen, and locked, once, whatever the plan.
      `UPDATE ${table} SET ${attempts} = ${attempts} + 1, ${dueAt} = now() + $1 * interval '1 ms' ${set ? `, ${set}` : ''}
       WHERE ${id} = ANY(ARRAY(SELECT ${id} FROM ${table} WHERE ${isOpen} AND ${dueAt} <= now() ${which}))
       RETURNING ${id} AS id, ${attempts} AS attempt ${returning ? `, ${returning}` : ''}`,
      [leaseMs, parameter],
    );
    return rows;
  }

  /** Begins the lease again. False, and nothing changes, when it belongs to another holder by now. */
  extend(queries: Queries, lease: Lease, leaseMs: number, change?: Change): Promise<boolean> {
    return this.write(queries, lease, leaseMs, change);
  }

  /**
   * Ends the lease: an open row is due again after the delay; a change may close it. False, with nothing changed, when it is another's
   * by now.
   */
  release(queries: Queries, lease: Lease, delayMs: number, change?: Change): Promise<boolean> {
    return this.write(queries, lease, delayMs, change);
  }

  private async write(
    queries: Queries,
    { id, attempt }: Lease,
    dueInMs: number,
    change: Change | undefined,
  ): Promise<boolean> {
    const { table, id: idColumn, dueAt, attempts, isOpen, isHeld = isOpen } = this.names;
    const { rowCount } = await queries.query(
      `UPDATE ${table} SET ${dueAt} = now() + $3 * interval '1 ms' ${change ? `, ${change.set}` : ''}
       WHERE ${idColumn} = $1 AND ${attempts} = $2 AND ${isHeld}`,
      [id, attempt, dueInMs, ...(change?.values ?? [])],
    );
    return rowCount === 1;
  }

  /** Ids of rows that are due, the longest waiting first; takes none of them. */
  async due(queries: Queries, countMax: number): Promise<string[]> {
    const { table, id, dueAt, isOpen } = this.names;
    const { rows } = await queries.query<{ id: string }>(
      `SELECT ${id} AS id FROM ${table} WHERE ${isOpen} AND ${dueAt} <= now() ORDER BY ${dueAt} LIMIT $1`,
      [countMax],
    );
    return rows.map((row) => row.id);
  }

  /** How long until a row is due, in ms, not above 0 when one is; undefined when none is open. */
  nextDueMs(queries: Queries): Promise<number | undefined> {
    return nextDueMs(queries, this.names);
  }
}

/** The same for a queue without leases. */
export async function nextDueMs(
  queries: Queries,
  { table, dueAt, isOpen }: Pick<QueueTable, 'table' | 'dueAt' | 'isOpen'>,
): Promise<number | undefined> {
  const { rows } = await queries.query<{ ms: number | null }>(
    `SELECT extract(epoch FROM min(${dueAt}) - now())::float8 * 1000 AS ms FROM ${table} WHERE ${isOpen}`,
  );
  return rows[0]?.ms ?? undefined;
}
