// The product service on a database of a spec, without its process: stores, and events as they come from Kafka.

import { join } from 'node:path';
import type { Event } from '#contracts/envelope.ts';
import type { Money } from '#contracts/money.ts';
import type { OrderCancelled, OrderConfirmed, OrderPlaced } from '#contracts/orders.ts';
import type { Topic } from '#contracts/topic.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { inTrace } from '#runtime/trace.ts';
import { createCatalogue } from './catalogue.ts';
import { productConsumers } from './consumers.ts';
import type { Catalogue, ProductFacts, ProductStore } from './domain.ts';
import type { Gallery, UploadLog } from './photos/domain.ts';
import { createGallery } from './photos/gallery.ts';
import { createUploadLog } from './photos/upload-log.ts';
import type { Reservations, Warehouse } from './stock/domain.ts';
import { createReservations } from './stock/reservations.ts';
import { createWarehouse } from './stock/warehouse.ts';
import { createProductStore } from './store.ts';

export const SCHEMA = 'product';

/** The stores of a service on a migrated database. */
export interface TestProduct {
  readonly pool: Pool;
  readonly catalogue: Catalogue;
  readonly products: ProductStore;
  readonly warehouse: Warehouse;
  readonly reservations: Reservations;
  readonly gallery: Gallery;
  readonly uploadLog: UploadLog;
  /** Adds a product with so many pieces. */
  stock(productId: string, pieceCount: number, facts?: Partial<ProductFacts>): Promise<void>;
  /** Topic, id and data of what waits to be published, the oldest first. */
  told(): Promise<{ topic: string; id: string; data: unknown }[]>;
}

/** Migrates the database and gives it a category `table`. */
export async function openProduct(connectionString: string): Promise<TestProduct> {
  const log = createLogger('spec', 'silent');
  const pool = createPool({ connectionString, applicationName: 'spec', schema: SCHEMA, log });
  await migrateService(pool, SCHEMA, join(import.meta.dirname, 'migrations'), log);
  const products = createProductStore(pool);
  const warehouse = createWarehouse(pool);
  await products.nameCategory({ categoryId: 'table', name: 'Table' });
  return {
    pool,
    catalogue: createCatalogue(pool),
    products,
    warehouse,
    reservations: createReservations(pool),
    gallery: createGallery(pool),
    uploadLog: createUploadLog(pool),
    async stock(productId, pieceCount, facts = {}) {
      await products.create(productId, { ...factsOf(productId), ...facts });
      if (pieceCount === 0) return;
      await warehouse.adjust({ productId, delta: pieceCount, reason: 'delivered', cause: 'spec' });
    },
    async told() {
      const { rows } = await pool.query<{ topic: string; headers: Record<string, string>; value: string }>(
        'SELECT topic, headers, value FROM outbox ORDER BY id',
      );
      return rows.map(({ topic, headers, value }) => ({
        topic,
        id: headers.ce_id!,
        data: JSON.parse(value) as unknown,
      }));
    },
  };
}

/** Facts of a product that is sold for 10 euros. */
export const factsOf = (name: string): ProductFacts => ({
  name,
  description: '',
  categoryId: 'table',
  price: { amountMinor: 1_000, currency: 'EUR' },
  isActive: true,
});

/** An event as the consumer hands it over. */
export function eventOf<Data>(topic: Topic<Data>, id: string, data: Data, timeMs = 0): Event<Data> {
  const time = new Date(timeMs).toISOString();
  return { id, source: '/spec', type: topic.event.type, time, timeMs, data };
}

/** Hands an event to the subscription of its topic. */
export function consume<Data>(shop: TestProduct, topic: Topic<Data>, event: Event<Data>): Promise<void> {
  const subscriptions = productConsumers(shop.reservations, shop.gallery, shop.uploadLog);
  return inTrace(event.traceparent, () => subscriptions.find((one) => one.topic === topic)!.handle(event));
}

/** What the orders were placed over, for the events that end them. */
const totals = new Map<string, Money>();
const totalOf = (orderId: string): Money => totals.get(orderId) ?? { amountMinor: 1_000, currency: 'EUR' };

/** Data of `order.placed` with these quantities. */
export const placedData = (orderId: string, quantities: Readonly<Record<string, number>>): OrderPlaced => {
  const pieces = Object.values(quantities).reduce((sum, quantity) => sum + quantity, 0);
  totals.set(orderId, { amountMinor: 1_000 * pieces, currency: 'EUR' });
  return placedOver(orderId, quantities);
};

const placedOver = (orderId: string, quantities: Readonly<Record<string, number>>): OrderPlaced => ({
  orderId,
  userId: 'user-1',
  lines: Object.entries(quantities).map(([productId, quantity]) => ({
    productId,
    quantity,
    unitPriceMinor: 1_000,
  })),
  total: totalOf(orderId),
});

export const confirmedData = (orderId: string): OrderConfirmed => ({
  orderId,
  userId: 'user-1',
  paymentId: `payment-of-${orderId}`,
  total: totalOf(orderId),
});

export const cancelledData = (orderId: string): OrderCancelled => ({
  orderId,
  userId: 'user-1',
  reason: 'expired',
  total: totalOf(orderId),
});
