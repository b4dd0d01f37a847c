import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase } from '../../test/fresh.ts';
import { itKeeps } from '../../test/ports/contract.ts';
import { EXCLUSIVE_RUNNER_CONTRACT } from '../../test/ports/exclusive-runner.ts';
import { createLogger } from '../log.ts';
import { createPool, type Pool } from './database.ts';
import {
  createLeadership,
  exclusiveRunner,
  type Leadership,
  type LeadershipOptions,
  runExclusively,
} from './leadership.ts';

const log = createLogger('spec', 'silent');
const KEY = [7, 'spec'] as const;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'spec', log });
});
afterEach(async () => {
  for (const one of candidates.splice(0)) {
    one.waitNoMore();
    await one.resign();
  }
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const candidates: Leadership[] = [];
function candidate(options: Partial<LeadershipOptions> = {}): Leadership {
  const one = createLeadership({
    pool,
    key: KEY,
    role: 'leader of the spec',
    channel: 'spec_news',
    onNews: () => {},
    log,
    lockWaitMs: 200,
    ...options,
  });
  candidates.push(one);
  return one;
}

/** Ends the connections that hold the lock, as an outage would. */
const cutOff = () =>
  pool.query(`SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);

describe('a leadership', () => {
  it('is one candidate’s, however many ask at the same time', async () => {
    const leads = await Promise.all(Array.from({ length: 5 }, () => candidate().confirm()));
    expect(leads.filter(Boolean)).toHaveLength(1);
  });

  it('negative control: under keys of their own all of them lead', async () => {
    const keys: LeadershipOptions['key'][] = [[7, 'a'], [7, 'b'], [8, 'a'], 7];
    const leads = await Promise.all(keys.map((key) => candidate({ key }).confirm()));
    expect(leads).toEqual([true, true, true, true]);
  });

  it('stays with its leader, on one connection', async () => {
    const one = candidate();
    const connection = await one.lead();
    expect(connection).toBeDefined();
    expect(await one.lead()).toBe(connection);
    expect(await one.confirm()).toBe(true);
  });

  it('that is given back is taken by a candidate that waits, at once', async () => {
    const [leader, next] = [candidate(), candidate({ lockWaitMs: 9_000 })];
    await leader.lead();
    const waiting = next.lead();
    await sleep(50);
    await leader.resign();
    expect(await waiting).toBeDefined();
    expect(await leader.lead()).toBeUndefined();
  });

  it('ends with its connection: the leader notices, and another leads', async () => {
    const news: string[] = [];
    const [leader, next] = [candidate({ onNews: () => news.push('leader') }), candidate()];
    await leader.lead();
    await cutOff();
    while (news.length < 2) await sleep(5);
    expect(await next.confirm()).toBe(true);
    expect(await leader.confirm()).toBe(false);
  });

  it('brings notifications, and calls once for those that were missed before', async () => {
    const news: string[] = [];
    const leader = candidate({ onNews: () => news.push('news') });
    await leader.lead();
    expect(news).toHaveLength(1);
    await pool.query('NOTIFY spec_news');
    while (news.length < 2) await sleep(5);
    await leader.resign();
    await pool.query('NOTIFY spec_news');
    await sleep(50);
    expect(news).toHaveLength(2);
  });

  it('is not waited for any longer once the waiting is ended', async () => {
    await candidate().lead();
    const next = candidate({ lockWaitMs: 9_000 });
    const waiting = next.lead();
    await sleep(50);
    next.waitNoMore();
    expect(await waiting).toBeUndefined();
    expect(await next.lead()).toBeUndefined();
  });

  it('is unknown while the database is away, which is no error', async () => {
    const away = createPool({
      connectionString: 'postgres://nobody@127.0.0.1:1/none',
      applicationName: 'spec',
      log,
    });
    expect(await candidate({ pool: away }).confirm()).toBe(false);
    await away.end();
  });
});

describe('exclusive work', () => {
  /** Works eight times at once; the most that were at work at the same time, and how many were not let in. */
  async function crowd(keyOf: (at: number) => number): Promise<{ atOnce: number; keptOut: number }> {
    let [working, atOnce, keptOut] = [0, 0, 0];
    const all = Array.from({ length: 8 }, async (_, at) => {
      const done = await runExclusively(pool, keyOf(at), async () => {
        atOnce = Math.max(atOnce, (working += 1));
        await sleep(50);
        working -= 1;
      });
      if (!done) keptOut += 1;
    });
    await Promise.all(all);
    return { atOnce, keptOut };
  }

  it('is done by one at a time; the others learn at once that it is being done', async () => {
    const { atOnce, keptOut } = await crowd(() => 41);
    expect(atOnce).toBe(1);
    expect(keptOut).toBeGreaterThan(0);
  });

  it('negative control: under keys of their own all of them work at once', async () => {
    const { atOnce, keptOut } = await crowd((at) => 50 + at);
    expect(atOnce).toBeGreaterThan(1);
    expect(keptOut).toBe(0);
  });

  itKeeps(EXCLUSIVE_RUNNER_CONTRACT, () => exclusiveRunner(pool));
});
