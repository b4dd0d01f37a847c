// Signing keys in Postgres. Each method is one step of the caller's transaction.
import type { PoolClient } from '#runtime/postgres/database.ts';
import type { PublicKey } from '../sessions/domain.ts';
import type { KeyStore } from './domain.ts';

interface KeyRow {
  kid: string;
  public_jwk: PublicKey;
  sealed_private_key: Buffer;
  signs_from: Date;
}

/** @param queries the client of a transaction; the pool for single statements */
export const createKeyStore = (queries: Pick<PoolClient, 'query'>): KeyStore => ({
  async lock() {
    await queries.query(`SELECT pg_advisory_xact_lock(hashtextextended('users/signing-keys', 0))`);
  },
  async all() {
    const { rows } = await queries.query<KeyRow>('SELECT * FROM signing_key ORDER BY signs_from, kid');
    return rows.map((row) => ({
      kid: row.kid,
      publicKey: row.public_jwk,
      sealed: row.sealed_private_key,
      signsFromMs: row.signs_from.getTime(),
    }));
  },
  async insert({ kid, publicKey, sealed, signsFromMs }) {
    await queries.query(
      'INSERT INTO signing_key (kid, public_jwk, sealed_private_key, signs_from) VALUES ($1, $2, $3, $4)',
      [kid, JSON.stringify(publicKey), sealed, new Date(signsFromMs)],
    );
  },
  async delete(kids) {
    await queries.query('DELETE FROM signing_key WHERE kid = ANY($1)', [kids]);
  },
});
