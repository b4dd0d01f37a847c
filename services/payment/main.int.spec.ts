// The process itself on the real Kafka: requests for money on one topic, what came of them on others.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import {
  orderCancelled,
  paymentFailed,
  paymentRefunded,
  paymentRequested,
  paymentSucceeded,
} from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { serviceStage } from '../../test/service-process.ts';

const stage = serviceStage('payment');
const amount = { amountMinor: 1_250, currency: 'EUR' };

const request = (orderId: string, paymentMethod: string) =>
  stage.sendTwice(paymentRequested, orderId, { orderId, userId: 'ann', amount, paymentMethod });

const keysOn = async (topic: Topic<unknown>, count: number): Promise<string[]> =>
  (await stage.recordsOn(topic, count)).map(({ key }) => String(key)).toSorted();

it('charges, refuses and refunds, publishes each once, agrees with its provider, and stops at SIGTERM', async () => {
  const service = await stage.start({ PAYMENT_PROVIDER: 'sandbox', SANDBOX_LATE_MS: '200' });
  await request('order-ok', 'pm_ok');
  await request('order-late', 'pm_late_ok');
  await request('order-declined', 'pm_declined');
  await request('order-back', 'pm_ok');
  expect(await keysOn(paymentSucceeded, 3)).toEqual(['order-back', 'order-late', 'order-ok']);
  expect(await keysOn(paymentFailed, 1)).toEqual(['order-declined']);
  const cancelled = { orderId: 'order-back', userId: 'ann', reason: 'by-customer' as const, total: amount };
  await stage.sendTwice(orderCancelled, 'order-back', cancelled);
  expect(await keysOn(paymentRefunded, 1)).toEqual(['order-back']);

  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
  expect(service.output()).not.toMatch(/pm_|ann/);

  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['services/payment/reconcile.ts', '--settle', '0'],
    { env: { DATABASE_URL: stage.database().url, PAYMENT_PROVIDER: 'sandbox' } },
  );
  expect(stdout).toBe('4 payments compared, 0 under way, 0 differences\n');
}, 90_000);

it('does not start with a provider that lacks its settings', async () => {
  const failed = await stage.spawn({ PAYMENT_PROVIDER: 'stripe' });
  expect(await failed.ended).toBe(1);
  expect(failed.output()).toContain('STRIPE_API_KEY and STRIPE_WEBHOOK_SECRETS');
}, 60_000);
