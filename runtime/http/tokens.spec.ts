import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { UnsecuredJWT } from 'jose';
import { startTokenIssuer, type TokenIssuer } from '../../test/token-issuer.ts';
import { loadConfig } from '../config.ts';
import { apiConfig } from './config.ts';
import { createTokenVerifier, type TokenVerifier } from './tokens.ts';

let issuer: TokenIssuer;
let verify: TokenVerifier;
beforeEach(async () => {
  issuer = await startTokenIssuer();
  verify = createTokenVerifier(loadConfig(apiConfig, { ...issuer.settings }));
});
afterEach(async () => {
  jest.useRealTimers();
  await issuer.close();
});

const nowS = () => Math.floor(Date.now() / 1_000);
const user = { iss: 'spec-users', aud: 'shop', sub: 'u-1', role: 'customer' };
const service = { iss: 'spec-cluster', aud: 'shop', sub: 'system:serviceaccount:shop:order' };

describe('a token', () => {
  it('names the user and the role', async () => {
    const caller = { kind: 'user', userId: 'u-1', role: 'admin' } as const;
    expect(await verify(await issuer.tokenFor(caller))).toEqual(caller);
  });

  it('of a service account names the service', async () => {
    const caller = { kind: 'service', name: 'order' } as const;
    expect(await verify(await issuer.tokenFor(caller))).toEqual(caller);
  });

  it('is good for five seconds of difference between clocks, and no more', async () => {
    await expect(verify(await issuer.forge({ ...user, exp: nowS() - 1 }))).resolves.toBeDefined();
    await expect(verify(await issuer.forge({ ...user, exp: nowS() - 7 }))).rejects.toMatchObject({
      status: 401,
    });
    await expect(verify(await issuer.forge({ ...user, nbf: nowS() + 9 }))).rejects.toMatchObject({
      status: 401,
    });
  });

  it.each([
    ['from another issuer', { ...user, iss: 'elsewhere' }],
    ['for another audience', { ...user, aud: 'bank' }],
    ['without a subject', { iss: user.iss, aud: user.aud, role: 'admin' }],
    ['with a subject that is no id of ours', { ...user, sub: 'u'.repeat(65) }],
    ['without an end', { ...user, exp: undefined }],
    ['without a role', { iss: user.iss, aud: user.aud, sub: 'u-1' }],
    ['with a role that is not ours', { ...user, role: 'root' }],
    ['of a service in another namespace', { ...service, sub: 'system:serviceaccount:kube-system:order' }],
    ['of a service whose name holds a namespace', { ...service, sub: 'system:serviceaccount:shop:a:b' }],
    ['of a user from the issuer of services', { ...service, sub: 'u-1', role: 'admin' }],
  ])('%s is refused', async (_what, claims) => {
    await expect(verify(await issuer.forge(claims as typeof user))).rejects.toMatchObject({
      status: 401,
      code: 'invalid-token',
    });
  });

  it('that names another key, or was changed, or is not signed, or is none, is refused', async () => {
    const good = await issuer.tokenFor({ kind: 'user', userId: 'u-1', role: 'customer' });
    const [head, , signature] = good.split('.');
    const claims = Buffer.from(JSON.stringify({ ...user, role: 'admin', exp: nowS() + 60 })).toString(
      'base64url',
    );
    const bad = [
      await issuer.forge(user, { kid: 'user-2' }),
      `${head}.${claims}.${signature}`,
      new UnsecuredJWT({ ...user, exp: nowS() + 60 }).encode(),
      'abc',
      'a.b.c',
    ];
    for (const token of bad) await expect(verify(token)).rejects.toMatchObject({ status: 401 });
  });

  it('is not taken for valid when it has run out since it was last seen', async () => {
    const token = await issuer.forge({ ...user, exp: nowS() + 1 });
    await verify(token);
    jest.useFakeTimers({
      now: Date.now() + 20_000,
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'],
    });
    await expect(verify(token)).rejects.toMatchObject({ status: 401 });
  });
});

describe('while the keys cannot be had', () => {
  it('a token is not called invalid: the outage is ours', async () => {
    issuer.setDown(true);
    const token = await issuer.tokenFor({ kind: 'user', userId: 'u-1', role: 'customer' });
    await expect(verify(token)).rejects.toMatchObject({
      status: 503,
      code: 'token-keys-unavailable',
      headers: { 'retry-after': '5' },
    });
  });

  it('keys that were had before serve on, for an hour', async () => {
    const first = await issuer.tokenFor({ kind: 'user', userId: 'u-1', role: 'customer' });
    await verify(first);
    issuer.setDown(true);
    const startMs = Date.now();
    const at = async (afterS: number, caller: 'u-2' | 'u-3') => {
      jest.useFakeTimers({
        now: startMs + afterS * 1_000,
        doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'queueMicrotask'],
      });
      return verify(await issuer.forge({ ...user, sub: caller, exp: nowS() + 60 }));
    };
    await expect(at(1_800, 'u-2')).resolves.toMatchObject({ userId: 'u-2' });
    await expect(at(3_700, 'u-3')).rejects.toMatchObject({ status: 503 });
  });
});
