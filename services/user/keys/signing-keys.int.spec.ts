import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { freshDatabase } from '../../../test/fresh.ts';
import { KEY_AFTERLIFE_MS, KEY_LEAD_MS, KEY_SIGNS_MS } from './domain.ts';
import { createSecrets } from './secrets.ts';
import { createSigningKeys } from './signing-keys.ts';

const START_MS = 1_800_000_000_000;
const [kek, otherKek] = [randomBytes(32), randomBytes(32)] as const;
const log = createLogger('spec', 'silent');
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let nowMs = START_MS;

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'spec', schema: 'users', log });
  await migrateService(pool, 'users', join(import.meta.dirname, '../migrations'), log);
});
beforeEach(async () => {
  nowMs = START_MS;
  await pool.query('TRUNCATE signing_key');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const replica = (keys: readonly [Buffer, ...Buffer[]] = [kek]) =>
  createSigningKeys({
    pool,
    secrets: createSecrets(keys),
    issuer: 'spec-users',
    audience: 'shop',
    now: () => nowMs,
  });
const verify = async (token: string, keys: unknown) =>
  jwtVerify(token, createLocalJWKSet(keys as JSONWebKeySet), { currentDate: new Date(nowMs) });

describe('signing keys', () => {
  it('are the same for replicas that start together', async () => {
    const replicas = [replica(), replica(), replica()];
    await Promise.all(replicas.map((one) => one.rotate()));
    const tokens = await Promise.all(replicas.map((one) => one.sign('u', 'customer')));
    const { keys } = await replicas[0]!.publicKeys();
    expect(keys).toHaveLength(1);
    for (const token of tokens) expect((await verify(token, { keys })).payload.sub).toBe('u');
  });

  it('show their public half alone', async () => {
    await replica().rotate();
    const { keys } = await replica().publicKeys();
    expect(Object.keys(keys[0]!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  it('change, and every token can still be verified by keys fetched a day ago or today', async () => {
    const one = replica();
    await one.rotate();
    nowMs = START_MS + KEY_SIGNS_MS - KEY_LEAD_MS;
    await one.rotate();
    const fetchedBefore = await one.publicKeys();
    nowMs = START_MS + KEY_SIGNS_MS - 1_000;
    const oldToken = await one.sign('u', 'customer');
    nowMs = START_MS + KEY_SIGNS_MS + 1_000;
    const newToken = await one.sign('u', 'customer');
    await one.rotate();
    const { protectedHeader: before } = await verify(oldToken, fetchedBefore);
    const { protectedHeader: after } = await verify(newToken, fetchedBefore);
    expect(after.kid).not.toBe(before.kid);
    await verify(oldToken, await one.publicKeys());
    nowMs += KEY_AFTERLIFE_MS;
    await one.rotate();
    expect((await one.publicKeys()).keys.map(({ kid }) => kid)).toEqual([after.kid]);
  });

  it('are of no use without the key that sealed them, and open with the previous key', async () => {
    await replica().rotate();
    const { rows } = await pool.query('SELECT sealed_private_key FROM signing_key');
    // The DER of every Ed25519 private key begins with these bytes.
    expect((rows[0].sealed_private_key as Buffer).includes(Buffer.from('302e0201', 'hex'))).toBe(false);
    await expect(replica([otherKek]).sign('u', 'customer')).rejects.toMatchObject({
      code: 'sealed-by-another-key',
    });
    await expect(replica([otherKek, kek]).sign('u', 'customer')).resolves.toContain('.');
  });

  it('must have been made before anything is signed', async () => {
    await expect(replica().sign('u', 'customer')).rejects.toMatchObject({ code: 'no-signing-key' });
  });
});
