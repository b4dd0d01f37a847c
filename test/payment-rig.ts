// A payment service with one replica for a spec file, and what its tests ask of it.
import { afterEach } from '@jest/globals';
import { openPaymentStage } from '../services/payment/test-payments.ts';
import { freshDatabase } from './fresh.ts';
import { openForSpec } from './open-for-spec.ts';

async function openService() {
  const stage = await openPaymentStage(await freshDatabase());
  const replica = stage.replica();
  const paymentOf = async (orderId: string) => (await replica.store.find(orderId)).payment;
  return {
    ...stage,
    ...replica,
    statusOf: async (orderId: string) => (await paymentOf(orderId))?.status,
    idOf: async (orderId: string) => (await paymentOf(orderId))?.paymentId ?? '',
    topicsOf: async (orderId: string) => (await stage.published(orderId)).map(({ topic }) => topic),
    /** Requests a payment and waits until the collector has done what it can. */
    charge: async (orderId: string, paymentMethod: string, amountMinor?: number) => {
      await replica.request(orderId, paymentMethod, amountMinor);
      await replica.collector.idle();
    },
  };
}

/** Called once, at the top of a spec file. Every test ends when the collector has nothing in progress. */
export function paymentsForSpec() {
  const payments = openForSpec(openService);
  afterEach(() => payments.collector.idle());
  return payments;
}
