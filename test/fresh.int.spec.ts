import { expect, it } from '@jest/globals';
import pg from 'pg';
import { VERSIONS } from '../stacks/versions.ts';
import { type FreshDatabase, freshAnalyticsDatabase, freshDatabase } from './fresh.ts';

async function majorOf(fresh: () => Promise<FreshDatabase>): Promise<string> {
  const { url, drop } = await fresh();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  await client.end();
  await drop();
  return rows[0]!.server_version.split('.')[0]!;
}

it('specs of services get the major version of RDS, and specs of analytics that of Cloud SQL', async () => {
  expect([await majorOf(freshDatabase)]).toEqual(Object.keys(VERSIONS['RDS for PostgreSQL']));
  expect([`POSTGRES_${await majorOf(freshAnalyticsDatabase)}`]).toEqual(Object.keys(VERSIONS['Cloud SQL']));
});
