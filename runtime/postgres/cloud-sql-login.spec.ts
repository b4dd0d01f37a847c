import { describe, expect, it } from '@jest/globals';
import { cloudSqlConnection } from './cloud-sql-login.ts';
import { isOutage } from './outage.ts';

const URL = 'postgres://shop-dev-console%40project.iam@10.40.64.3:5432/analytics';
const connection = (token: () => Promise<string>) =>
  cloudSqlConnection(URL, { authority: 'the authority', token });
const passwordOf = ({ password }: ReturnType<typeof cloudSqlConnection>) =>
  (password as () => Promise<string>)();

describe('the login to Cloud SQL by IAM', () => {
  it('names the user, the private address and the database of the setting', () => {
    expect(connection(async () => 'token')).toMatchObject({
      host: '10.40.64.3',
      port: 5_432,
      user: 'shop-dev-console@project.iam',
      database: 'analytics',
    });
  });

  it('asks for a token at each connection', async () => {
    let asked = 0;
    const made = connection(async () => `token-${++asked}`);
    expect([await passwordOf(made), await passwordOf(made)]).toEqual(['token-1', 'token-2']);
  });

  it('believes the authority of the instance and no other', () => {
    expect(connection(async () => '').ssl).toMatchObject({ ca: 'the authority', rejectUnauthorized: true });
  });

  it('counts as an outage while there is no token', async () => {
    const refused = await passwordOf(connection(() => Promise.reject(new Error('Google is away')))).catch(
      (error: unknown) => error,
    );
    expect(String(refused)).toContain('Google is away');
    expect(isOutage(refused)).toBe(true);
  });
});
