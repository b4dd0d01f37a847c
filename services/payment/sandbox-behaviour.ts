// How the sandbox behaves for a while, as a provider has bad days: kept in its tables, so that every replica behaves the same, and
// over by the database's clock, so that no person has to end it.
import type { Pool } from '#runtime/postgres/database.ts';

/** `slow`: each charge takes `SLOW_MS` longer. `declining`: each new charge is declined. */
export const BEHAVIOURS = ['slow', 'declining'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export const SLOW_MS = 5_000;

/** From now on for so long; no seconds end it. */
export async function behave(pool: Pool, kind: Behaviour, seconds: number): Promise<void> {
  await pool.query(
    `INSERT INTO sandbox_behaviour (kind, until) VALUES ($1, clock_timestamp() + $2 * interval '1 s')
     ON CONFLICT (kind) DO UPDATE SET until = EXCLUDED.until`,
    [kind, seconds],
  );
}

const isOn = (kind: Behaviour): string =>
  `EXISTS (SELECT FROM sandbox_behaviour WHERE kind = '${kind}' AND until > clock_timestamp())`;

/** Columns of the statement that begins a charge: asking costs no statement of its own. */
export const BEHAVIOUR_COLUMNS = `${isOn('slow')} AS is_slow, ${isOn('declining')} AS is_declining`;

export interface BehaviourRow {
  readonly is_slow: boolean;
  readonly is_declining: boolean;
}
