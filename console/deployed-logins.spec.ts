import { describe, expect, it } from '@jest/globals';
import { databaseLogin, googleIdentity } from './deployed-logins.ts';

const IDENTITY = {
  GOOGLE_WORKLOAD_PROVIDER: 'projects/1/locations/global/workloadIdentityPools/eks/providers/cluster',
  GOOGLE_SERVICE_ACCOUNT: 'console@project.iam.gserviceaccount.com',
  GOOGLE_TOKEN_FILE: '/var/run/token',
};
const UNSET = {
  GOOGLE_WORKLOAD_PROVIDER: undefined,
  GOOGLE_SERVICE_ACCOUNT: undefined,
  GOOGLE_TOKEN_FILE: undefined,
};
const DATABASE = {
  DATABASE_URL: 'postgres://console%40project.iam@10.40.64.3/analytics',
  DATABASE_AUTH: 'cloud-sql-iam',
  DATABASE_CA: 'the authority',
} as const;

describe('the identity of a deployed console', () => {
  it('is that of its token, and none where nothing is set', () => {
    expect(googleIdentity(IDENTITY)).toMatchObject({ tokenFile: '/var/run/token' });
    expect(googleIdentity(UNSET)).toBeUndefined();
  });

  it.each(Object.keys(IDENTITY))('is refused without %s', (name) => {
    expect(() => googleIdentity({ ...IDENTITY, [name]: undefined })).toThrow('together or not at all');
  });
});

describe('the database of a deployed console', () => {
  it('is entered by IAM, as the user of the address and without a password in it', () => {
    const { connection } = databaseLogin(DATABASE, googleIdentity(IDENTITY));
    expect(connection).toMatchObject({ user: 'console@project.iam', ssl: { ca: 'the authority' } });
    expect(connection!.password).toBeInstanceOf(Function);
  });

  it('is never connected to without a verified certificate, or without an account', () => {
    const identity = googleIdentity(IDENTITY);
    expect(() => databaseLogin({ ...DATABASE, DATABASE_CA: undefined }, identity)).toThrow('DATABASE_CA');
    expect(() => databaseLogin(DATABASE, undefined)).toThrow('identity');
  });

  it('is entered by the address alone where the settings say so', () => {
    expect(databaseLogin({ ...DATABASE, DATABASE_AUTH: 'url' }, undefined)).toEqual({
      connectionString: DATABASE.DATABASE_URL,
    });
  });
});
