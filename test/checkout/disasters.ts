// Kills servers and services at seeded times while customers check out: each at least once, and the order service once while the broker
// is away, when its outbox is full.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../demo/samples/random.ts';
import type { OwnServer } from '../faults/own-server.ts';
import { SERVICES, type Service } from './service-plans.ts';
import type { Servers, Shop } from './shop.ts';

export interface Disaster {
  /** How many customers have started when it strikes. */
  readonly afterCount: number;
  readonly victim: Service | keyof Servers;
  /** For how long the server is away, at least. */
  readonly awayMs: number;
  /** A service that is killed too, this long after the server. */
  readonly meanwhile?: { readonly victim: Service; readonly afterMs: number };
}

/** The share of the customers who start before the first disaster, and after the last. */
const MARGIN = 0.08;
const CUSTOMERS_PER_ROUND = 250;
const START_TRIES = 5;
const KILL_AGAIN_MS = 50;

/** Disasters for `count` customers: one round, in random order, for each 250 of them. */
export function planDisasters(random: Random, count: number): Disaster[] {
  const rounds = Array.from({ length: Math.ceil(count / CUSTOMERS_PER_ROUND) }, () => shuffledRound(random));
  const victims = rounds.flat();
  return victims.map((victim, at) => {
    const share = MARGIN + ((1 - 2 * MARGIN) * (at + random.next())) / victims.length;
    const disaster = { afterCount: Math.round(count * share), victim, awayMs: random.whole(300, 1_500) };
    if (victim !== 'kafka') return disaster;
    return { ...disaster, awayMs: 2_000, meanwhile: { victim: 'order', afterMs: random.whole(800, 1_800) } };
  });
}

/** Those that do most of the work are killed twice in a round. */
const shuffledRound = (random: Random) =>
  ([...SERVICES, 'order', 'product', 'payment', 'kafka', 'postgres'] as const)
    .map((victim) => ({ victim, at: random.next() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ victim }) => victim);

export interface Disasters {
  /** Called with the number of customers who have started. */
  readonly customersStarted: (count: number) => void;
  /** Resolves when every disaster that was due has struck and every server is back. */
  readonly over: () => Promise<void>;
}

/** Begins to wait for customers; each disaster strikes when enough of them have started. */
export function startDisasters(shop: Shop, servers: Servers, disasters: readonly Disaster[]): Disasters {
  const striking = new Map<Disaster['victim'], Promise<void>>();
  const left = [...disasters];
  return {
    customersStarted: (count) => {
      while (left[0] && left[0].afterCount <= count) {
        const disaster = left.shift()!;
        // A victim is killed again only when it is back.
        const back = striking.get(disaster.victim) ?? Promise.resolve();
        const struck = back.then(() => strike(shop, servers, disaster));
        // `over` reports a failure; until then it must not end the process as unhandled.
        struck.catch(() => {});
        striking.set(disaster.victim, struck);
      }
    },
    over: async () => void (await Promise.all(striking.values())),
  };
}

async function strike(shop: Shop, servers: Servers, disaster: Disaster): Promise<void> {
  const { victim, awayMs, meanwhile } = disaster;
  if (victim !== 'kafka' && victim !== 'postgres') return killRunning(shop, victim);
  const server = servers[victim];
  await server.end('SIGKILL');
  const other = meanwhile && sleep(meanwhile.afterMs).then(() => killRunning(shop, meanwhile.victim));
  await Promise.all([sleep(awayMs), other]);
  await startAgain(server);
}

/** Waits for a service that is down already, so that every disaster really kills one. */
async function killRunning(shop: Shop, service: Service): Promise<void> {
  while (!shop.kill(service)) await sleep(KILL_AGAIN_MS);
}

/** A Postgres whose orphaned children still hold its memory refuses to start: a supervisor tries again. */
async function startAgain(server: OwnServer): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await server.startAgain();
    } catch (error) {
      if (tries === START_TRIES) throw error;
      await sleep(500);
    }
  }
}
