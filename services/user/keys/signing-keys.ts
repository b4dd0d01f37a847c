// Signs access tokens and publishes the keys that verify them. Keys are made before their use, stored encrypted, and deleted after their
// last token; every replica signs with the same one.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK, SignJWT } from 'jose';
import { AppError } from '#runtime/errors.ts';
import { inTransaction, type Pool } from '#runtime/postgres/database.ts';
import type { Role } from '../domain.ts';
import { ACCESS_TOKEN_LIFE_MS, type PublicKey } from '../sessions/domain.ts';
import { decideRotation, type StoredKey, signingKeyAt } from './domain.ts';
import type { Secrets } from './secrets.ts';
import { createKeyStore } from './store.ts';

export interface SigningKeyParts {
  readonly pool: Pool;
  readonly secrets: Secrets;
  readonly issuer: string;
  readonly audience: string;
  readonly now: () => number;
}

export interface SigningKeys {
  /** Makes the next key and deletes expired ones when it is time; repeatable. Must have run once before anything is signed. */
  rotate(): Promise<void>;
  /** Reads the keys again when they were read long ago. Call it before the transaction in which `sign` is called. */
  refresh(): Promise<void>;
  /** An access token. */
  sign(userId: string, role: Role): Promise<string>;
  publicKeys(): Promise<{ readonly keys: readonly PublicKey[] }>;
}

/** Far below `KEY_LEAD_MS`, so that each replica knows a new key in time. */
const RELOAD_MS = 60_000;

export function createSigningKeys(parts: SigningKeyParts): SigningKeys {
  const { pool, secrets, issuer, audience, now } = parts;
  const store = createKeyStore(pool);
  let keys: readonly StoredKey[] = [];
  let loadedAtMs = -Infinity;
  const opened = new Map<string, KeyObject>();
  const load = async () => {
    keys = await store.all();
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
      // Not from memory: every answer must contain a new key from the moment that it is published.
      const stored = await store.all();
      return { keys: stored.map(({ publicKey }) => publicKey) };
    },
  };
}

const unsealed = (secrets: Secrets, { kid, sealed }: StoredKey): KeyObject =>
  createPrivateKey({ key: secrets.unseal(kid, sealed), format: 'der', type: 'pkcs8' });

const rotate = ({ pool, secrets, now }: SigningKeyParts): Promise<void> =>
  inTransaction(pool, async (client) => {
    const store = createKeyStore(client);
    await store.lock();
    const { create, expired } = decideRotation(await store.all(), now());
    if (create) await store.insert(await newKey(secrets, create.signsFromMs));
    await store.delete(expired);
  });

async function newKey(secrets: Secrets, signsFromMs: number): Promise<StoredKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(jwk);
  return {
    kid,
    publicKey: { ...jwk, kid, alg: 'EdDSA', use: 'sig' } as PublicKey,
    sealed: secrets.seal(kid, privateKey.export({ format: 'der', type: 'pkcs8' })),
    signsFromMs,
  };
}
