import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FreshDatabase, freshDatabase } from './fresh.ts';
import { type KeptDatabase, keepDatabase } from './kept-database.ts';

let database: FreshDatabase;
let kept: KeptDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  kept = keepDatabase(database.url);
});
afterAll(async () => {
  kept.close();
  await database.drop();
});

const pid = async (): Promise<number> =>
  (await kept.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))[0]!.pid;

describe('a kept connection', () => {
  it('serves one look after the other', async () => {
    expect(await pid()).toBe(await pid());
  });

  it('is another when Postgres has ended it', async () => {
    const before = await pid();
    const other = keepDatabase(database.url);
    await other.query('SELECT pg_terminate_backend($1)', [before]);
    other.close();
    expect(await pid()).not.toBe(before);
  });

  it('passes on what Postgres has against a statement', async () => {
    await expect(kept.query('SELECT nothing')).rejects.toThrow('column "nothing" does not exist');
  });

  it('waits until a query says yes, and names the last answer when it never does', async () => {
    await kept.query('CREATE TABLE look (at int)');
    const yes = kept.until('SELECT count(*) > 0 AS yes FROM look');
    await kept.query('INSERT INTO look VALUES (1)');
    await yes;
    await expect(kept.until('SELECT false AS yes', 0)).rejects.toThrow('the last answer was [{"yes":false}]');
    await expect(kept.until('SELECT nothing', 0)).rejects.toThrow('column \\"nothing\\" does not exist');
  });
});
