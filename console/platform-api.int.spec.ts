// What the console answers, as the storefront reads it: on the real tables, through both programs' own code.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrate } from '#runtime/postgres/migrate.ts';
import { createConsole } from '../services/storefront/bff/console.ts';
import { freshDatabase } from '../test/fresh.ts';
import { createLiveFeed } from './live.ts';
import { cloudSqlStore } from './stores/cloud-sql.ts';
import { useStores } from './stores-http.ts';
import { readTotals } from './totals.ts';
import { useTotals } from './totals-http.ts';

const MIGRATIONS = join(import.meta.dirname, '../analytics/migrations');
const log = createLogger('spec', 'silent');

let drop: () => Promise<void>;
let pool: Pool;
let app: FastifyInstance;
let closeStreams: () => void;
let console: ReturnType<typeof createConsole>;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  pool = createPool({ connectionString: database.url, applicationName: 'spec', log });
  app = createHttp({ log, registry: createRegistry('spec') });
  const read = (minutes: number) => readTotals(pool, minutes);
  closeStreams = useTotals(app, read, createLiveFeed({ read, log, intervalMs: 20 }));
  useStores(app, [cloudSqlStore(pool)]);
  const CONSOLE_URL = await app.listen({ host: '127.0.0.1', port: 0 });
  console = createConsole({ CONSOLE_URL, ASK_MS_MAX: 5_000 }, '127.0.0.1');
});
afterAll(async () => {
  closeStreams?.();
  await app?.close();
  await pool?.end();
  await drop?.();
});

/** One window for all: a minute may end while the spec runs. */
const WINDOW = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 120_000).toISOString();

/** Counts of one label. */
const count = (label: string, events: number, lateEvents = 0) =>
  pool.query(
    `INSERT INTO analytics.window_part VALUES ($4, $1, 'topic', 0, $2::int, $2::int * 9007199254740993, $3::int, $3::int)`,
    [label, events, lateEvents, WINDOW],
  );
const publish = (label: string, revision: number, events: number, lateEvents = 0) =>
  pool.query(
    `INSERT INTO analytics.window_out VALUES
      ($5, $1, $2::int, $3::int, $3::int * 9007199254740993, $4::int, $4::int)`,
    [label, revision, events, lateEvents, WINDOW],
  );

describe('the storefront', () => {
  it('says that the database is away while it has no tables', async () => {
    await expect(console.totals(30)).rejects.toMatchObject({
      code: 'service-away',
      facts: { detail: expect.stringContaining('database') },
    });
    await expect(console.store('cloud-sql', {})).rejects.toMatchObject({
      facts: { detail: expect.stringContaining('Cloud SQL') },
    });
    await migrate(pool, 'analytics', MIGRATIONS, log);
  });

  it('reads totals of no events', async () => {
    expect(await console.totals(30)).toMatchObject({ windows: [], sums: { events: 0, bytes: '0', lag: 0 } });
  });

  it('reads of each window whether it is open, published, revised, or due for a revision', async () => {
    await count('thumbnail', 1);
    await count('small', 1);
    await publish('small', 1, 1);
    await count('medium', 3, 2);
    await publish('medium', 1, 1);
    await publish('medium', 2, 3, 2);
    await count('large', 2, 1);
    await publish('large', 1, 1);
    const { windows, sums } = await console.totals(30);
    expect(
      windows.map(({ sizeLabel, revision, publishedAt, isPublished, lateEvents }) => [
        sizeLabel,
        revision,
        publishedAt !== undefined,
        isPublished,
        lateEvents,
      ]),
    ).toEqual([
      ['large', 1, true, false, 1],
      ['medium', 2, true, true, 2],
      ['small', 1, true, true, 0],
      ['thumbnail', 0, false, false, 0],
    ]);
    expect(sums).toMatchObject({
      events: 7,
      bytes: String(7n * 9_007_199_254_740_993n),
      lateEvents: 3,
      photos: 1,
    });
  });

  it('follows them, and leaves', async () => {
    const leaving = new AbortController();
    const seen: unknown[] = [];
    const follow = async () => {
      for await (const news of console.totalsNews(30, leaving.signal)) {
        if (typeof news === 'string') continue;
        seen.push(news.sums.events);
        if (seen.length === 1) await count('oversize', 1);
        else leaving.abort();
      }
    };
    await follow().catch(() => {});
    expect(seen).toEqual([7, 8]);
  });

  it('reads the stores, a page at a time, and is refused what they do not know', async () => {
    expect(await console.stores()).toEqual([{ name: 'cloud-sql', title: 'Cloud SQL' }]);
    const first = await console.store('cloud-sql', { view: 'published' });
    expect(first.rows).toHaveLength(4);
    expect(first.view).toBe('published');
    await expect(console.store('cloud-sql', { after: 'x' })).rejects.toMatchObject({ status: 400 });
  });
});
