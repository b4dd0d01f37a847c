// The shop at work under the real Prometheus: every panel shows something of everybody it is about, and what is broken raises its own
// alert, no other, and the alert ends when it is mended.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PROCESSES } from '#contracts/processes.ts';
import { orderPlaced } from '#contracts/shop-topics.ts';
import { createProducer } from '#runtime/kafka.ts';
import { readOverlays } from '../../k8s/overlays.ts';
import type { Shop } from '../checkout/shop.ts';
import { watchAlerts } from './alerts.ts';
import { type Question, questionsOf, unanswered } from './panels.ts';
import { openWatchedShop, type WatchedShop } from './watched-shop.ts';
import { describeWithPrometheus } from './with-prometheus.ts';

const overlay = readOverlays().find(({ kind }) => kind === 'local')!;
/** `npm run test:faults`, which names its seeds, breaks more; `npm test` has half a minute for it. */
const itAtLength = process.env.FAULT_SEEDS ? it : it.skip;

await describeWithPrometheus('a shop that is watched', (programs) => {
  let watched: WatchedShop;
  beforeAll(async () => {
    watched = await openWatchedShop(programs, overlay);
  }, 120_000);
  afterAll(() => watched?.close(), 60_000);

  it('answers every question of every panel, of each process that it is about', async () => {
    const questions = questionsOf(overlay);
    expect(questions.length).toBeGreaterThan(60);
    expect(await unanswered(watched.rig, questions)).toEqual([]);
  }, 120_000);

  it('has nothing to tell a panel that asks for a metric by a wrong name (negative control)', async () => {
    const [right] = questionsOf(overlay);
    const promql = 'sum by (process) (rate(http_requests_seconds_count[10s]))';
    const wrong: Question = { ...right!, name: 'wrong', promql };
    const [fault, ...others] = await unanswered(watched.rig, [right!, wrong], 1_000);
    expect(fault).toMatch(/^wrong: nothing of user, product, cart/);
    expect(others).toEqual([]);
  });

  it('tells of dead letters where records are poison, until they are some time ago', async () => {
    const { shop, rig } = watched;
    const alerts = watchAlerts(rig);
    expect(await alerts.untilQuiet()).toEqual([]);
    await poison(shop);
    const readers = PROCESSES.filter(({ consumes }) => consumes.includes(orderPlaced));
    const wanted = readers
      .map(({ name }) => `${name === 'analytics' ? 'AnalyticsDeadLetters' : 'DeadLetters'} ${name}`)
      .toSorted();
    expect(await alerts.until(wanted)).toEqual(wanted);
    expect(await alerts.untilQuiet()).toEqual(wanted);
    expect(await watchAlerts(rig).untilQuiet()).toEqual([]);
  }, 240_000);

  itAtLength(
    'tells that a process is gone which is killed again and again, until it stays',
    async () => {
      const { shop, rig } = watched;
      const alerts = watchAlerts(rig);
      const wanted = ['ProcessGone analytics'];
      const killing = new AbortController();
      const killer = killUntil(shop, killing.signal);
      expect(await alerts.until(wanted)).toEqual(wanted);
      killing.abort();
      await killer;
      expect(await alerts.untilQuiet()).toEqual(wanted);
    },
    240_000,
  );

  itAtLength(
    'tells that orders expire, and of whom, while payment stands still',
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
      expect(await alerts.untilQuiet()).toEqual(wanted);
    },
    300_000,
  );
});

/** A record that nobody can read. */
async function poison({ client }: Shop): Promise<void> {
  const producer = createProducer(client);
  await producer.connect();
  await producer.send({ topic: client.nameOf(orderPlaced.name), messages: [{ key: 'poison', value: '{' }] });
  await producer.disconnect();
}

async function killUntil(shop: Shop, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    shop.kill('analytics');
    await sleep(500);
  }
}
