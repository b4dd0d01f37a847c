// One log, three countings of it: the batch oracle's, and what an engine wrote into its database. All as plain values that can be
// held against each other.
import pg from 'pg';
import { productImagesProcessed } from '#contracts/topics.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { LogReader, logEnds } from '../../analytics/reconcile/log-reader.ts';
import { digestOf, type OracleRules, PartitionCount } from '../../analytics/reconcile/oracle.ts';

/** Decimals throughout. */
interface Total {
  readonly window: string;
  readonly label: string;
  readonly events: string;
  readonly bytes: string;
  readonly lateEvents: string;
  readonly lateBytes: string;
}

interface Letter {
  readonly part: number;
  readonly offset: string;
  readonly reason: string;
  /** SHA-256 of its value. */
  readonly digest: string;
}

interface Part {
  readonly part: number;
  readonly events: string;
  readonly repeats: string;
  readonly deadLetters: string;
  readonly maxMs: string | null;
}

/** What an engine keeps of a dead letter beside its value: a replay sends it again. */
export interface KeptLetter {
  readonly part: number;
  readonly offset: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a log comes to. */
export interface Count {
  readonly totals: readonly Total[];
  readonly letters: readonly Letter[];
  /** Partitions without a record are left out. */
  readonly parts: readonly Part[];
}

/** The oracle's count, and the offset of the last record of each partition. */
export interface OracleCount extends Count {
  readonly behindLast: ReadonlyMap<number, number>;
}

/** Reads the log as it is now. */
export async function countLog(client: KafkaClient, rules: OracleRules): Promise<OracleCount> {
  const topic = productImagesProcessed.name;
  const counts = new Map<number, PartitionCount>();
  const behindLast = new Map<number, number>();
  const reader = new LogReader(client, topic, (part, { offset, timestamp, value, headers }) => {
    let count = counts.get(part);
    if (!count) counts.set(part, (count = new PartitionCount(rules)));
    count.add({ offset: Number(offset), timestampMs: Number(timestamp), value, headers: headers ?? {} });
    behindLast.set(part, Number(offset) + 1);
  });
  try {
    const ends = await logEnds(client, topic);
    await reader.readTo(new Map(ends.map(({ part, end }) => [part, end])));
  } finally {
    await reader.close();
  }
  return { ...asCount(counts), behindLast };
}

function asCount(counts: ReadonlyMap<number, PartitionCount>): Count {
  const sums = new Map<string, [events: bigint, bytes: bigint, lateEvents: bigint, lateBytes: bigint]>();
  const letters: Letter[] = [];
  const parts: Part[] = [];
  for (const [part, count] of [...counts].toSorted(([a], [b]) => a - b)) {
    for (const { windowStartMs, label, events, bytes, lateEvents, lateBytes } of count.totals.values()) {
      const key = `${new Date(windowStartMs).toISOString()} ${label}`;
      const [e, b, le, lb] = sums.get(key) ?? [0n, 0n, 0n, 0n];
      sums.set(key, [e + events, b + bytes, le + lateEvents, lb + lateBytes]);
    }
    for (const [offset, { reason, digest }] of [...count.letters].toSorted(([a], [b]) => a - b))
      letters.push({ part, offset: String(offset), reason, digest });
    const { events, repeats, letters: own, maxTimeMs } = count;
    parts.push({
      part,
      events: String(events),
      repeats: String(repeats),
      deadLetters: String(own.size),
      maxMs: maxTimeMs === undefined ? null : String(maxTimeMs),
    });
  }
  const totals = [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, [events, bytes, lateEvents, lateBytes]]): Total => {
      const [window = '', label = ''] = key.split(' ');
      return {
        window,
        label,
        events: String(events),
        bytes: String(bytes),
        lateEvents: String(lateEvents),
        lateBytes: String(lateBytes),
      };
    });
  return { totals, letters, parts };
}

const TOTALS = `SELECT to_char(window_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS window, size_label AS label,
  events::text, bytes::text, late_events::text AS "lateEvents", late_bytes::text AS "lateBytes"
  FROM analytics.size_label_totals ORDER BY window_start, size_label COLLATE "C"`;
const LETTERS = 'SELECT part, "offset"::text, reason, raw FROM analytics.dlq ORDER BY part, "offset"::bigint';
const KEPT = `SELECT part, "offset"::text, encode(key, 'hex') AS key, headers FROM analytics.dlq ORDER BY part, "offset"::bigint`;
const PARTS = `SELECT part, events::text, repeats::text, dead_letters::text AS "deadLetters", max_ts::text AS "maxMs"
  FROM analytics.part_state WHERE events + repeats + dead_letters > 0 ORDER BY part`;

/** What an engine has counted by now. */
export async function readCount(databaseUrl: string): Promise<Count> {
  return onDatabase(databaseUrl, async (database) => {
    const letters = (await database.query<Omit<Letter, 'digest'> & { raw: Buffer | null }>(LETTERS)).rows;
    return {
      totals: (await database.query<Total>(TOTALS)).rows,
      letters: letters.map(({ raw, ...letter }) => ({ ...letter, digest: digestOf(raw) })),
      parts: (await database.query<Part>(PARTS)).rows,
    };
  });
}

/** Of each dead letter that an engine has by now. */
export const readKept = (databaseUrl: string): Promise<KeptLetter[]> =>
  onDatabase(databaseUrl, async (database) => (await database.query<KeptLetter>(KEPT)).rows);

/** One connection for the work, closed after it. */
export async function onDatabase<Result>(
  connectionString: string,
  work: (database: pg.Client) => Promise<Result>,
): Promise<Result> {
  const database = new pg.Client({ connectionString });
  await database.connect();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
