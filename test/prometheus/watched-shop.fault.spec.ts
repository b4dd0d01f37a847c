// The running shop under the real Prometheus: every panel shows something of each process that it is about, and a fault raises its own
// alert, no other, and the alert ends when it is mended.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { PROCESSES } from '#contracts/processes.ts';
import { orderPlaced } from '#contracts/shop-topics.ts';
import { createProducer } from '#runtime/kafka/client.ts';
import { readOverlays } from '../../k8s/overlays.ts';
import { publishRenditions } from '../checkout/photos.ts';
import type { Shop } from '../checkout/shop.ts';
import { tellReporter } from '../runner/to-reporter.ts';
import { type Watch, watchAlerts } from './alerts.ts';
import { type Question, questionsOf, unanswered } from './panels.ts';
import { openWatchedShop, type WatchedShop } from './watched-shop.ts';
import { describeWithPrometheus } from './with-prometheus.ts';

const overlay = readOverlays().find(({ kind }) => kind === 'local')!;
/** `npm run test:faults`, which names its seeds, breaks more; `npm test` has half a minute for it. */
const isAtLength = Boolean(process.env.FAULT_SEEDS);
const itAtLength = isAtLength ? it : it.skip;
if (!isAtLength)
  tellReporter({
    isFailure: false,
    text: 'the long faults of the watched shop were NOT RUN: npm run test:faults runs them',
  });

/** One for each process that reads the poisoned topic. */
const DEAD_LETTERS: readonly string[] = PROCESSES.filter(({ consumes }) => consumes.includes(orderPlaced))
  .map(({ name }) => `${name === 'analytics' ? 'AnalyticsDeadLetters' : 'DeadLetters'} ${name}`)
  .toSorted();

await describeWithPrometheus('a shop that is watched', (programs) => {
  let watched: WatchedShop;
  let poisoned: Watch;
  beforeAll(async () => {
    watched = await openWatchedShop(programs, overlay);
  }, 120_000);
  afterAll(() => watched?.close(), 60_000);

  it('raises an alert for each consumer of poison, and no other', async () => {
    const { shop, rig } = watched;
    poisoned = watchAlerts(rig);
    expect(await poisoned.untilQuiet()).toEqual([]);
    await poison(shop);
    expect(await poisoned.until(DEAD_LETTERS)).toEqual(DEAD_LETTERS);
  }, 120_000);

  it('answers every question of every panel, of each process that it is about', async () => {
    const questions = questionsOf(overlay);
    expect(questions.length).toBeGreaterThan(60);
    expect(await unanswered(watched.rig, questions)).toEqual([]);
  }, 120_000);

  it('has no answer for a panel that asks for a metric by a wrong name (negative control)', async () => {
    const [right] = questionsOf(overlay);
    const promql = 'sum by (process) (rate(http_requests_seconds_count[10s]))';
    const wrong: Question = { ...right!, name: 'wrong', promql };
    const [fault, ...others] = await unanswered(watched.rig, [right!, wrong], 1_000);
    expect(fault).toMatch(/^wrong: nothing of user, product, cart/);
    expect(others).toEqual([]);
  });

  it('ends the alerts about poison after some time', async () => {
    expect(await poisoned.untilQuiet()).toEqual(DEAD_LETTERS);
    expect(await watchAlerts(watched.rig).untilQuiet()).toEqual([]);
  }, 120_000);

  itAtLength(
    'tells that the worker is gone while it is killed, and behind when it is back and may not write',
    async () => {
      const { shop, rig } = watched;
      const alerts = watchAlerts(rig);
      const gone = ['ProcessGone analytics'];
      const killing = new AbortController();
      const killer = killUntil(shop, killing.signal);
      try {
        expect(await alerts.until(gone)).toEqual(gone);
      } finally {
        killing.abort();
        await killer;
      }
      const release = await holdCounting(shop);
      try {
        await tellManyPhotos(shop);
        const behind = ['AnalyticsLag analytics', 'AnalyticsStands analytics', ...gone];
        expect(await alerts.until(behind)).toEqual(behind);
        await release();
        expect(await alerts.untilQuiet()).toEqual(behind);
      } finally {
        await release();
      }
    },
    300_000,
  );

  itAtLength(
    'reports that orders expire, and in which service, while payment makes no progress',
    async () => {
      const { shop, rig } = watched;
      const alerts = watchAlerts(rig);
      const wanted = ['OrdersExpire order', 'ProcessGone payment'];
      const { payment } = shop.pids();
      process.kill(payment!, 'SIGSTOP');
      try {
        expect(await alerts.until(wanted)).toEqual(wanted);
      } finally {
        process.kill(payment!, 'SIGCONT');
      }
      // What payment had begun before it stood still may succeed when its order has expired: that alert is right then, and no must.
      expect((await alerts.untilQuiet()).filter((alert) => alert !== 'LatePayments order')).toEqual(wanted);
    },
    300_000,
  );
});

/** A record that no consumer can read. */
async function poison({ client }: Shop): Promise<void> {
  const producer = createProducer(client);
  await producer.connect();
  await producer.send({ topic: client.nameOf(orderPlaced.name), messages: [{ key: 'poison', value: '{' }] });
  await producer.disconnect();
}

/** Thirty-two thousand renditions, four of a product: on either of two partitions more than what the alert calls far behind. */
async function tellManyPhotos({ client }: Shop): Promise<void> {
  for (let batch = 0; batch < 40; batch += 1)
    await publishRenditions(
      client,
      Array.from({ length: 200 }, () => randomUUID()),
      0,
    );
}

/** Nothing can be counted until the returned function is called: another connection locks the table. */
async function holdCounting({ databaseUrl }: Shop): Promise<() => Promise<void>> {
  const holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE analytics.seen_ids IN EXCLUSIVE MODE');
  let isOver = false;
  return async () => {
    if (!isOver) await holder.end();
    isOver = true;
  };
}

async function killUntil(shop: Shop, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    shop.kill('analytics');
    await sleep(500);
  }
}
