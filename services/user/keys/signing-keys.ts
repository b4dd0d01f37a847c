// Access tokens out, and the keys that verify them. Keys are made ahead of their use, kept sealed in Postgres and forgotten
// after their last token; every replica signs with the same one.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK, SignJWT } from 'jose';
import { AppError } from '#runtime/errors.ts';
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';
import type { Role } from '../domain.ts';
import { ACCESS_TOKEN_LIFE_MS, type PublicKey } from '../sessions/domain.ts';
import type { Queryable } from '../store.ts';
import { type KeyTimes, planKeys, signingKeyAt } from './domain.ts';
import type { Secrets } from './secrets.ts';

export interface SigningKeyParts {
  readonly pool: Pool;
  readonly schema: string;
  readonly secrets: Secrets;
  readonly issuer: string;
  readonly audience: string;
  readonly now: () => number;
}

export interface SigningKeys {
  /** Makes and forgets keys as time wants it; repeatable. Must have run once before anything is signed. */
  rotate(): Promise<void>;
  /** Reads the keys again where they were read long ago. Call it before a connection is taken for what is then signed. */
  refresh(): Promise<void>;
  /** An access token. */
  sign(userId: string, role: Role): Promise<string>;
  publicKeys(): Promise<{ readonly keys: readonly PublicKey[] }>;
}

/** Far below the lead of a new key, so that each replica knows it in time. */
const RELOAD_MS = 60_000;

interface StoredKey extends KeyTimes {
  readonly publicKey: PublicKey;
  readonly sealed: Buffer;
}

export function createSigningKeys(parts: SigningKeyParts): SigningKeys {
  const { pool, secrets, issuer, audience, now } = parts;
  let keys: readonly StoredKey[] = [];
  let loadedAtMs = -Infinity;
  const opened = new Map<string, KeyObject>();
  const load = async () => {
    keys = await storedKeys(pool);
    loadedAtMs = now();
  };
  const refresh = () => (now() - loadedAtMs >= RELOAD_MS ? load() : Promise.resolve());
  const signer = async () => {
    await refresh();
    const key = signingKeyAt(keys, now());
    if (!key) throw new AppError('no-signing-key', 'no key signs now: has the rotation run?');
    const privateKey = opened.get(key.kid) ?? unsealed(secrets, key);
    opened.set(key.kid, privateKey);
    return { kid: key.kid, privateKey };
  };
  return {
    refresh,
    async rotate() {
      await rotate(parts);
      await load();
    },
    async sign(userId, role) {
      const { kid, privateKey } = await signer();
      const issuedAtS = Math.floor(now() / 1_000);
      return new SignJWT({ role })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAtS)
        .setExpirationTime(issuedAtS + ACCESS_TOKEN_LIFE_MS / 1_000)
        .sign(privateKey);
    },
    async publicKeys() {
      // Not from memory: a key must be seen from the moment that it is published.
      const stored = await storedKeys(pool);
      return { keys: stored.map(({ publicKey }) => publicKey) };
    },
  };
}

const unsealed = (secrets: Secrets, { kid, sealed }: StoredKey): KeyObject =>
  createPrivateKey({ key: secrets.unseal(kid, sealed), format: 'der', type: 'pkcs8' });

async function rotate({ pool, schema, secrets, now }: SigningKeyParts): Promise<void> {
  await inTransaction(pool, async (client) => {
    // Replicas that start together must not each make the first key.
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema}/signing-keys`]);
    const { create, forget } = planKeys(await storedKeys(client), now());
    if (create) await insertKey(client, secrets, create.signsFromMs);
    await client.query('DELETE FROM signing_key WHERE kid = ANY($1)', [forget]);
  });
}

async function insertKey(client: Queryable, secrets: Secrets, signsFromMs: number): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(jwk);
  await client.query(
    'INSERT INTO signing_key (kid, public_jwk, sealed_private_key, signs_from) VALUES ($1, $2, $3, $4)',
    [
      kid,
      JSON.stringify({ ...jwk, kid, alg: 'EdDSA', use: 'sig' }),
      secrets.seal(kid, privateKey.export({ format: 'der', type: 'pkcs8' })),
      new Date(signsFromMs),
    ],
  );
}

async function storedKeys(client: Queryable): Promise<StoredKey[]> {
  const { rows } = await client.query<{
    kid: string;
    public_jwk: PublicKey;
    sealed_private_key: Buffer;
    signs_from: Date;
  }>('SELECT * FROM signing_key ORDER BY signs_from, kid');
  return rows.map((row) => ({
    kid: row.kid,
    publicKey: row.public_jwk,
    sealed: row.sealed_private_key,
    signsFromMs: row.signs_from.getTime(),
  }));
}
