// A shop of processes with customers in it, and the real Prometheus over all of them; programs of others by the metrics that they would have.
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../demo/samples/random.ts';
import { isAnswered } from '../../k8s/observability/queries/sources.ts';
import type { Overlay } from '../../k8s/overlays.ts';
import type { Target } from '../../local/prometheus/laptop-config.ts';
import type { PrometheusPrograms } from '../../local/prometheus/programs.ts';
import { checkOutAll, planCheckouts } from '../checkout/customers.ts';
import { ask } from '../checkout/http.ts';
import { publishRenditions } from '../checkout/photos.ts';
import { type Running, type Servers, Shop } from '../checkout/shop.ts';
import { fillShelves, openAccounts } from '../checkout/stock.ts';
import { OwnServer } from '../faults/own-server.ts';
import { openMetrics } from '../observability/fixtures/family.ts';
import { FIXTURES } from '../observability/fixtures/fixtures.ts';
import { watchAlerts } from './alerts.ts';
import { HASTE } from './hurried-rules.ts';
import { startMetricsServer } from './metrics-server.ts';
import { type PrometheusRig, startRig } from './rig.ts';

/** What waits for a while in production, in the haste of the rules. */
const HURRY = {
  ORDER_EXPIRY_MS: String(900_000 / HASTE),
  ORDER_EXPIRY_CHECK_MS: String(Math.round(10_000 / HASTE)),
};
const CROWD = 12;
/** Of photos: their window is over, and not for so long that it would be late. */
const WINDOW_AGE_MS = 90_000;

export interface WatchedShop {
  readonly shop: Shop;
  readonly rig: PrometheusRig;
  close(): Promise<void>;
}

export async function openWatchedShop(programs: PrometheusPrograms, overlay: Overlay): Promise<WatchedShop> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    const servers = await ownServers();
    closing.push(() => Promise.all([servers.kafka.remove(), servers.postgres.remove()]));
    const shop = await Shop.open(servers, { hasAnalytics: true, hasStorefront: true, env: HURRY });
    closing.push(() => shop.close());
    const standIns = await Promise.all(standInsOf(overlay).map(startMetricsServer));
    closing.push(() => Promise.all(standIns.map((server) => server.stop())));
    const rig = await startRig({
      programs,
      targets: shop.names().map((name) => targetOf(shop, name)),
      standIns: standIns.map(({ address }) => address),
    });
    closing.push(() => rig.stop());
    closing.push(await sendCustomers(shop));
    await untilSeen(rig, shop.names().length);
    return { shop, rig, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Before its first answers everybody counts as gone. */
async function untilSeen(rig: PrometheusRig, count: number): Promise<void> {
  while ((await rig.query('count(process_start_time_seconds)'))[0]?.value !== count) await sleep(PAUSE_MS);
  await watchAlerts(rig).untilQuiet();
}

async function ownServers(): Promise<Servers> {
  const [kafka, postgres] = await Promise.all([
    OwnServer.start('KAFKA_BROKERS'),
    OwnServer.start('DATABASE_URL'),
  ]);
  return { kafka, postgres };
}

const targetOf = (shop: Shop, process: Running): Target => ({
  address: new URL(shop.addressOf(process)).host,
  process,
  namespace: process === 'analytics' ? 'analytics' : 'shop',
});

/** One for each program of others whose metrics the overlay would have. */
const standInsOf = (overlay: Overlay): (() => string)[] => {
  const sinceMs = Date.now();
  return Object.entries(FIXTURES)
    .filter(([exporter]) =>
      isAnswered({ source: { exporters: [exporter as keyof typeof FIXTURES] } }, overlay),
    )
    .map(
      ([, families]) =>
        () =>
          openMetrics(families, (Date.now() - sinceMs) / 1_000),
    );
};

/** Customers who buy and look around until the function returned is called. What fails while something is broken is meant to. */
async function sendCustomers(shop: Shop): Promise<() => Promise<void>> {
  const productIds = await fillShelves(shop, 100_000);
  const plan = (turn: number) =>
    planCheckouts(createRandom(turn), CROWD, productIds).map((one) => ({
      ...one,
      userId: `visitor-${one.userId}`,
      // What customers do by chance may raise other alerts: payments for orders that were cancelled meanwhile.
      paymentMethod: one.paymentMethod === 'pm_ok' ? 'pm_ok' : 'pm_declined',
      cancelsAfterMs: undefined,
    }));
  await openAccounts(
    shop,
    plan(1).map(({ userId }) => userId),
  );
  const stop = new AbortController();
  const buying = untilStopped(stop.signal, async (turn) => void (await checkOutAll(shop, plan(turn))));
  const looking = untilStopped(stop.signal, () => lookAround(shop, productIds[0]!));
  await publishRenditions(shop.client, productIds, WINDOW_AGE_MS);
  return async () => {
    stop.abort();
    await Promise.all([buying, looking]);
  };
}

const PAUSE_MS = 200;

async function untilStopped(signal: AbortSignal, work: (turn: number) => Promise<void>): Promise<void> {
  for (let turn = 1; !signal.aborted; turn += 1) {
    await work(turn).catch(() => {});
    await sleep(PAUSE_MS);
  }
}

/** A page of each service, and one of the storefront. */
async function lookAround(shop: Shop, productId: string): Promise<void> {
  const token = await shop.tokenFor('visitor-customer-0', 'customer');
  const admin = await shop.tokenFor('admin', 'admin');
  const pages = [
    { url: `${shop.address('product')}/products?limit=20`, token },
    { url: `${shop.address('product')}/products/${productId}`, token },
    { url: `${shop.address('user')}/users/me`, token },
    { url: `${shop.address('cart')}/cart`, token },
    { url: `${shop.address('payment')}/payments/none`, token: admin },
    { url: `${shop.address('notification')}/notifications`, token: admin },
  ];
  const visit = fetch(`${shop.addressOf('storefront')}/products`).then((page) => page.text());
  await Promise.allSettled([...pages.map(ask), visit]);
}
