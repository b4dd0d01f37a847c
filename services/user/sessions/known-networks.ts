// From which networks the owner of an account has proved to be it, by a sign-in or by a mail. From there a stranger's failed
// attempts elsewhere lock nobody out. Kept as keyed hashes, as failures are.
import type { Secrets } from '../keys/secrets.ts';
import type { Queryable } from '../store.ts';
import { networkOf } from './domain.ts';
import type { Attempt } from './store.ts';

/** Of the network of an address. */
export const networkKeyOf = (secrets: Secrets, ip: string): Buffer =>
  secrets.keyedHash(`network/${networkOf(ip)}`);

export async function rememberNetwork(
  client: Queryable,
  { accountKey, networkKey }: Attempt,
  atMs: number,
): Promise<void> {
  await client.query(
    `INSERT INTO known_network VALUES ($1, $2, $3)
      ON CONFLICT (account_key, network_key) DO UPDATE SET proved_at = $3`,
    [accountKey, networkKey, new Date(atMs)],
  );
}

export async function isKnownNetwork(
  client: Queryable,
  { accountKey, networkKey }: Attempt,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM known_network WHERE account_key = $1 AND network_key = $2',
    [accountKey, networkKey],
  );
  return rowCount === 1;
}

export async function forgetNetworks(client: Queryable, accountKey: Buffer): Promise<void> {
  await client.query('DELETE FROM known_network WHERE account_key = $1', [accountKey]);
}
