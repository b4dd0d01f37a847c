import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { databaseOf } from './database.ts';
import { rdsAuthorities, rdsConnection } from './rds-login.ts';

const URL_OF_ORDER = 'postgres://order_service@shop.abc.eu-central-1.rds.amazonaws.com:5432/shop';

describe('the authority of RDS', () => {
  it('is the one of the region, with each kind of key, and no other', () => {
    const subjects = rdsAuthorities('eu-central-1').map((pem) => new X509Certificate(pem).subject);
    expect(subjects).toHaveLength(3);
    for (const kind of ['RSA2048', 'RSA4096', 'ECC384'])
      expect(subjects).toContainEqual(
        expect.stringContaining(`CN=Amazon RDS eu-central-1 Root CA ${kind} G1`),
      );
  });

  it('is not made up for a region that the package does not know', () => {
    expect(() => rdsAuthorities('moon-west-1')).toThrow(/moon-west-1/);
  });
});

describe('the way in', () => {
  const before = { ...process.env };
  beforeEach(() => {
    process.env.AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE';
    process.env.AWS_SECRET_ACCESS_KEY = 'example';
  });
  afterEach(() => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  it('is taken when the settings say so, and else the address says all', () => {
    const settings = { DATABASE_URL: URL_OF_ORDER, DATABASE_AWS_REGION: 'eu-central-1' };
    expect(databaseOf({ ...settings, DATABASE_AUTH: 'url' })).toEqual({ connectionString: URL_OF_ORDER });
    expect(databaseOf({ ...settings, DATABASE_AUTH: 'rds-iam' })).toEqual({
      connectionString: URL_OF_ORDER,
      rds: { region: 'eu-central-1' },
    });
  });

  it('is a token that AWS’s own signer made, for the user and the host, for a quarter of an hour', async () => {
    const connection = rdsConnection(URL_OF_ORDER, { region: 'eu-central-1' });
    const token = await (connection.password as () => Promise<string>)();
    const { host, searchParams } = new URL(`https://${token}`);
    expect(host).toBe('shop.abc.eu-central-1.rds.amazonaws.com:5432');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'order_service',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringMatching(/^AKIDEXAMPLE\/\d{8}\/eu-central-1\/rds-db\/aws4_request$/),
    });
    expect(connection.ssl).toMatchObject({ rejectUnauthorized: true });
  });
});
