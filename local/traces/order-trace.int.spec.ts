// One order through all services, as processes on the real Kafka and Postgres: its trace is whole, and has no personal data.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Shop } from '../../test/checkout/shop.ts';
import { fillShelves, openAccounts } from '../../test/checkout/stock.ts';
import type { RunningServer } from '../server/server.ts';
import { startTraces } from './traces.ts';

jest.setTimeout(120_000);

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CUSTOMER = 'ann-of-the-trace';
const shared = { within: <Result>(work: () => Promise<Result>) => work(), env: {} };
const CONTEXT_OFF = pathToFileURL(join(import.meta.dirname, 'context-off-process.ts')).href;

let collector: RunningServer;
let shop: Shop | undefined;
afterEach(async () => {
  await shop?.close();
  await collector.stop();
});

/** A span as the page shows it: `name service`. */
async function spansShown(query = ''): Promise<string[]> {
  const page = await (await fetch(new URL(`/traces/${TRACE_ID}${query}`, collector.address))).text();
  return [...page.matchAll(/rem">([^<]+) <small>(\w+)</g)].map(([, name, service]) => `${name} ${service}`);
}

/** Places an order in the trace, and waits until the customer was notified of its end and every service has sent its spans. */
async function buy(env: Record<string, string> = {}): Promise<void> {
  collector = await startTraces({ port: 0 });
  const kafka = { ...shared, env: { KAFKA_BROKERS: process.env.KAFKA_BROKERS! } };
  shop = await Shop.open({ kafka, postgres: shared }, { env: { ...collector.env, ...env } });
  const [productId] = await fillShelves(shop, 10, ['Tea tin']);
  await openAccounts(shop, [CUSTOMER]);
  const answer = await fetch(`${shop.address('order')}/orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await shop.tokenFor(CUSTOMER, 'customer')}`,
      'content-type': 'application/json',
      'idempotency-key': 'key-of-the-spec',
      traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`,
    },
    body: JSON.stringify({ lines: [{ productId, quantity: 1 }], currency: 'EUR', paymentMethod: 'pm_ok' }),
  });
  expect(answer.status).toBe(201);
  await shop.until("SELECT count(*) > 0 AS yes FROM notification.notification WHERE state = 'sent'");
  // Longer than a process keeps spans back before it sends them.
  await sleep(2_500);
}

const CROSSING = [
  'POST /orders order',
  'send order.placed order',
  'process order.placed product',
  'send stock.reserved product',
  'process stock.reserved order',
  'process payment.requested payment',
  'send payment.succeeded payment',
  'send order.confirmed order',
  'process order.confirmed notification',
  'GET /internal/users/:userId/contact user',
];

describe('the trace of an order', () => {
  it('crosses the services by HTTP and Kafka, with what was sent and stored on the way', async () => {
    await buy();
    const spans = await spansShown();
    expect(spans).toEqual(expect.arrayContaining(CROSSING));
    const statements = [
      'INSERT outbox order',
      'INSERT outbox product',
      'INSERT outbox payment',
      'COMMIT order',
    ];
    expect(spans).toEqual(expect.arrayContaining(statements));
    expect(await spansShown('?statements=no')).toEqual(spans.filter((one) => !isStatement(one)));
    const page = await (await fetch(new URL(`/traces/${TRACE_ID}`, collector.address))).text();
    expect(page).not.toMatch(/pm_ok|ann-of-the-trace|@example\.com|key-of-the-spec/);
  });

  it('ends with its first request where the processes lose the context', async () => {
    await buy({ NODE_OPTIONS: `--import ${CONTEXT_OFF}` });
    expect(await spansShown()).toEqual(['POST /orders order']);
  });
});

const isStatement = (shown: string): boolean =>
  /^(SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT)\b/.test(shown);
