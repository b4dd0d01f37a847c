import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BearerToken, keptTokens, mskTokens } from './auth.ts';

/** Tokens that live so long, numbered in the order in which they were made. */
function numbered(livesMs: number): { next: () => Promise<BearerToken>; count: () => number } {
  let count = 0;
  const next = async (): Promise<BearerToken> => {
    count += 1;
    return { value: `token-${count}`, expiresAtMs: Date.now() + livesMs };
  };
  return { next, count: () => count };
}

describe('a kept token', () => {
  it('is fetched once for all who ask at the same time, and kept while it lasts', async () => {
    const { next, count } = numbered(900_000);
    const tokens = keptTokens(next);
    const values = (await Promise.all([tokens(), tokens(), tokens()])).map(({ value }) => value);
    expect([...values, (await tokens()).value]).toEqual(Array(4).fill('token-1'));
    expect(count()).toBe(1);
  });

  it('is replaced a minute before it ends', async () => {
    const tokens = keptTokens(numbered(59_000).next);
    expect([(await tokens()).value, (await tokens()).value]).toEqual(['token-1', 'token-2']);
  });

  it('that could not be fetched is fetched again', async () => {
    let isAway = true;
    const { next } = numbered(900_000);
    const tokens = keptTokens(() => (isAway ? Promise.reject(new Error('no metadata server')) : next()));
    await expect(tokens()).rejects.toThrow('no metadata server');
    isAway = false;
    expect((await tokens()).value).toBe('token-1');
  });
});

describe('a token for MSK', () => {
  const NAMES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
  const before = { ...process.env };
  beforeEach(() => {
    for (const name of NAMES) process.env[name] = 'EXAMPLE';
  });
  afterEach(() => {
    for (const name of NAMES) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  it('is a request to connect to the region’s brokers that AWS’s own signer signed, for a quarter of an hour', async () => {
    const { value, expiresAtMs } = await mskTokens({ region: 'eu-central-1', audience: 'msk' })();
    const { host, searchParams } = new URL(Buffer.from(value, 'base64url').toString());
    expect(host).toBe('kafka.eu-central-1.amazonaws.com');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      Action: 'kafka-cluster:Connect',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringMatching(
        /^EXAMPLE\/\d{8}\/eu-central-1\/kafka-cluster\/aws4_request$/,
      ),
    });
    const signed = searchParams.get('X-Amz-Date')!.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:');
    expect(expiresAtMs).toBe(Date.parse(signed) + 900_000);
  });
});
