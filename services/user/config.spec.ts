import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#runtime/config.ts';
import { userConfig } from './config.ts';

const given = {
  DATABASE_URL: 'postgres://localhost/shop',
  KAFKA_BROKERS: 'localhost:9092',
  TOKEN_ISSUER: 'https://shop.example',
  TOKEN_AUDIENCE: 'shop',
  TOKEN_JWKS_URL: 'https://shop.example/.well-known/jwks.json',
  SIGNING_KEK: Buffer.alloc(32, 1).toString('base64'),
};

describe('the settings of the user service', () => {
  it('need a key of 32 bytes, and have defaults for the rest', () => {
    const config = loadConfig(userConfig, given);
    expect(config.SIGNING_KEK).toEqual(Buffer.alloc(32, 1));
    expect(config.SIGNING_KEK_PREVIOUS).toBeUndefined();
    expect(config).toMatchObject({ PASSWORD_COST_LOG2: 17, PASSWORD_HASHES_MAX: 2 });
  });

  it.each([
    ['SIGNING_KEK', ''],
    ['SIGNING_KEK', Buffer.alloc(31).toString('base64')],
    ['SIGNING_KEK', 'not base64!'],
    ['SIGNING_KEK_PREVIOUS', 'c2hvcnQ='],
    ['PASSWORD_COST_LOG2', '10'],
  ])('refuse %s=%p without repeating it', (name, value) => {
    const load = () => loadConfig(userConfig, { ...given, [name]: value });
    expect(load).toThrow(name);
    if (value) expect(load).not.toThrow(value);
  });
});
