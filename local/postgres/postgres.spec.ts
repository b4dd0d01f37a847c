import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { startPostgres } from './postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
// As root, Postgres runs as another user, who must pass through.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('refuses data that another major version wrote, and says what to do', async () => {
  const dataDir = join(folder, 'data');
  mkdirSync(join(dataDir, 'cluster'), { recursive: true });
  writeFileSync(join(dataDir, 'cluster/PG_VERSION'), '9\n');
  // Nothing listens on port 1: a start that did not refuse would fail in another way.
  const start = startPostgres({ dataDir, logFile: join(folder, 'log'), port: 1 });
  await expect(start).rejects.toMatchObject({
    code: 'postgres-of-another-version',
    message: expect.stringMatching(/written by Postgres 9, and this is Postgres 17: .*npm start -- --fresh/),
  });
});
