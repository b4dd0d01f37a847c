// The process itself on the real Kafka: an order over HTTP, the answers of the others on their topics, its events on its own.
import { expect, it } from '@jest/globals';
import {
  orderConfirmed,
  orderPlaced,
  paymentRequested,
  paymentSucceeded,
  productChanged,
  stockReserved,
} from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { derivedId } from '#runtime/derived-id.ts';
import { eventually } from '../../test/eventually.ts';
import { serviceStage } from '../../test/service-process.ts';

const stage = serviceStage('order');
const price = { amountMinor: 450, currency: 'EUR' };

const idsOn = async (topic: Topic<unknown>) =>
  (await stage.recordsOn(topic)).map(({ headers }) => String(headers?.ce_id));

it('leads an order to its confirmation, publishes each step once, and stops at SIGTERM', async () => {
  const service = await stage.start();
  const address = `http://127.0.0.1:${service.port}`;
  await stage.sendTwice(productChanged, 'tea', {
    productId: 'tea',
    version: 1,
    name: 'Tea',
    price,
    isActive: true,
  });
  const token = await stage.issuer().tokenFor({ kind: 'user', userId: 'ann', role: 'customer' });
  const place = () =>
    fetch(`${address}/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'idempotency-key': 'key-of-the-spec',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        lines: [{ productId: 'tea', quantity: 2 }],
        currency: 'EUR',
        paymentMethod: 'pm_1',
      }),
    });
  // Until the price has come through Kafka the product is unknown, and that answer is stored under the key.
  await eventually(async () => {
    const answer = await fetch(`${address}/metrics`);
    return /consumer_\w+total\{[^}]*product\.changed[^}]*\} [1-9]/.test(await answer.text()) || undefined;
  });
  const placed = await place();
  expect(placed.status).toBe(201);
  const { orderId } = (await placed.json()) as { orderId: string };

  expect(await idsOn(orderPlaced)).toEqual([`${orderId}/placed`]);
  await stage.sendTwice(stockReserved, orderId, { orderId });
  expect(await idsOn(paymentRequested)).toEqual([`${orderId}/payment-requested`]);
  const amount = { amountMinor: 900, currency: 'EUR' };
  await stage.sendTwice(paymentSucceeded, orderId, {
    paymentId: derivedId('pay', orderId),
    orderId,
    userId: 'ann',
    amount,
  });
  expect(await idsOn(orderConfirmed)).toEqual([`${orderId}/confirmed`]);

  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  expect(service.output()).not.toMatch(/pm_1|ann/);
}, 60_000);
