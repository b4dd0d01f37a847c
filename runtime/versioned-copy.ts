// Versions of what another service owns in, this service's own copy of the newest out. A higher version replaces a lower one, in
// whatever order they arrive and however often: no inbox is needed.
import type { Process } from '#contracts/process.ts';
import { type AnyDecision, type Client, createCommandHandler } from './decisions.ts';
import type { Pool } from './postgres/database.ts';

interface Versioned {
  readonly version: number;
}

export interface VersionedCopyParts<Fact extends Versioned, Row extends object> {
  readonly pool: Pool;
  readonly process: Process;
  /** Its primary key is `idColumn`; a column `version` holds the version. */
  readonly table: string;
  readonly idColumn: keyof Row & string;
  /** Why a version cannot be its owner's, judged by the one that is known; undefined when it can. */
  readonly faultOf: (known: Fact | undefined, fact: Fact) => string | undefined;
  readonly rowOf: (fact: Fact) => Row;
  readonly factOf: (row: Row) => Fact;
}

/** A copy of what another service publishes. */
export interface VersionedCopy<Fact> {
  /** Keeps a version unless a newer one is known. Edges translate a decision that it is impossible. */
  record(id: string, fact: Fact): Promise<AnyDecision<Fact>>;
  /** The newest versions by their ids; what was never published is missing. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Fact>>;
}

/** The copy in one table of the schema that the pool's connections look at first. */
export function createVersionedCopy<Fact extends Versioned, Row extends object>(
  parts: VersionedCopyParts<Fact, Row>,
): VersionedCopy<Fact> {
  const { pool, process, table, idColumn, faultOf, factOf } = parts;
  const { handle } = createCommandHandler<Fact | undefined, Fact, Fact, AnyDecision<Fact>>({
    pool,
    process,
    decide(fact, known) {
      const fault = faultOf(known, fact);
      if (fault !== undefined) return { kind: 'impossible', why: fault };
      return known && known.version >= fact.version ? REPEATED : { kind: 'happened', events: [fact] };
    },
    evolve: (_known, fact) => fact,
    async lock(client, id) {
      const sql = `SELECT * FROM ${table} WHERE ${idColumn} = $1 FOR UPDATE`;
      const [row] = (await client.query<Row>(sql, [id])).rows;
      return row && factOf(row);
    },
    save: (client, { event }) => save(client, parts, event),
    repeated: REPEATED,
  });
  return {
    record: async (id, fact) => (await handle(id, fact)).decision,
    async read(ids) {
      const { rows } = await pool.query<Row>(`SELECT * FROM ${table} WHERE ${idColumn} = ANY($1)`, [ids]);
      return new Map(rows.map((row) => [String(row[idColumn]), factOf(row)]));
    },
  };
}

const REPEATED = { kind: 'ignored', why: 'known-already' } as const;

/** False when there is a row of that version or a newer one by now. */
async function save<Fact extends Versioned, Row extends object>(
  client: Client,
  { table, idColumn, rowOf }: VersionedCopyParts<Fact, Row>,
  fact: Fact,
): Promise<boolean> {
  const row = rowOf(fact);
  const columns = Object.keys(row);
  const { rowCount } = await client.query(
    // A row that is not there yet cannot be locked: of two who make it, the newer version stays.
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((_, at) => `$${at + 1}`).join(', ')})
     ON CONFLICT (${idColumn}) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
     WHERE ${table}.version < excluded.version`,
    Object.values(row),
  );
  return rowCount === 1;
}
