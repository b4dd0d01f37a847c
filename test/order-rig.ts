// The order service without Kafka: its endpoints on a real port, its consumers' handlers, its tables on the real Postgres. No
// relay runs, so all that it ever published is still in the outbox.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { decodeEvent, encodeEvent } from '#contracts/envelope.ts';
import { productChanged } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import type { UserCaller } from '#runtime/http/api.ts';
import type { Subscription } from '#runtime/kafka/subscription.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry, type Registry } from '#runtime/metrics.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { inTrace } from '#runtime/trace.ts';
import { orderConsumers } from '../services/order/consumers.ts';
import type { OrderStore } from '../services/order/domain.ts';
import { orderRoutes } from '../services/order/http.ts';
import { createOrderMetrics } from '../services/order/metrics.ts';
import { createPlacement } from '../services/order/placement.ts';
import { createPriceList } from '../services/order/price-list.ts';
import { createOrderStore } from '../services/order/store.ts';
import { freshDatabase } from './fresh.ts';
import { type SpecAnswer, type SpecServer, serveForSpec } from './serve.ts';

const SCHEMA = 'order';
const MIGRATIONS = join(import.meta.dirname, '../services/order/migrations');
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

export const customer = (userId: string): UserCaller => ({ kind: 'user', userId, role: 'customer' });
export const admin: UserCaller = { kind: 'user', userId: 'root', role: 'admin' };

/** An order as the endpoints show it. */
export interface ShownOrder {
  readonly orderId: string;
  readonly status: string;
  readonly total: { readonly amountMinor: number; readonly currency: string };
  readonly history: readonly { readonly status: string; readonly at: string; readonly reason?: string }[];
  readonly code?: string;
}

export interface OrderRig {
  readonly pool: Pool;
  readonly orders: OrderStore;
  readonly registry: Registry;
  readonly server: SpecServer;
  /** Has a product sold at a price. */
  sell(productId: string, amountMinor: number, more?: Record<string, unknown>): Promise<void>;
  /** Asks for an order of one product; the rest of the body and the key may be given. */
  place(userId: string, body?: Record<string, unknown>, key?: string): Promise<SpecAnswer<ShownOrder>>;
  cancel(userId: string, orderId: string, headers?: Record<string, string>): Promise<SpecAnswer<ShownOrder>>;
  /** Hands an event to its handler as the consumer would. @param id @default a new one */
  deliver<Data>(topic: Topic<Data>, data: Data, id?: string): Promise<void>;
  /** Topics on which an order was published, in order. */
  published(orderId: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function openOrderRig(): Promise<OrderRig> {
  const database = await freshDatabase();
  const log = createLogger('spec', process.env.LOG_LEVEL ?? 'silent');
  const connection = { connectionString: database.url, applicationName: 'order-spec', schema: SCHEMA };
  const pool = createPool({ ...connection, log });
  await migrateService(pool, SCHEMA, MIGRATIONS, log);
  const registry = createRegistry('order');
  const orders = createOrderStore(pool, createOrderMetrics(registry));
  const prices = createPriceList(pool);
  const routes = orderRoutes({ orders, place: createPlacement(orders, prices) });
  const server = await serveForSpec({ routes, pool, schema: SCHEMA });
  const deliver = delivery(orderConsumers({ orders, recordPrice: prices.record }));
  return {
    pool,
    orders,
    registry,
    server,
    deliver,
    sell: (productId, amountMinor, more) => {
      const price = { amountMinor, currency: 'EUR' };
      return deliver(productChanged, { productId, version: 1, name: 'Tea', price, isActive: true, ...more });
    },
    ...requestsTo(server),
    published: async (orderId) => {
      const sql = 'SELECT topic FROM outbox WHERE key = $1 ORDER BY id';
      return (await pool.query<{ topic: string }>(sql, [orderId])).rows.map(({ topic }) => topic);
    },
    close: async () => {
      await server.close();
      await pool.end();
      await database.drop();
    },
  };
}

const delivery =
  (consumers: readonly Subscription[]): OrderRig['deliver'] =>
  async (topic, data, id = randomUUID()) => {
    const about = { id, source: '/spec', time: new Date().toISOString(), traceparent: TRACEPARENT };
    const { value, headers } = encodeEvent(topic.event, 'any', { ...about, data });
    const decoded = decodeEvent(topic.event, { value: Buffer.from(value), headers });
    const consumer = consumers.find((one) => one.topic === (topic as unknown));
    if (!decoded.ok || !consumer) throw new Error(`nobody consumes ${topic.name}`);
    const { event } = decoded;
    await inTrace(event.traceparent, () => consumer.handle(event));
  };

const requestsTo = (server: SpecServer): Pick<OrderRig, 'place' | 'cancel'> => ({
  place: (userId, body, key = randomUUID()) =>
    server.request('POST', '/orders', {
      as: customer(userId),
      headers: { 'idempotency-key': key, traceparent: TRACEPARENT },
      body: {
        lines: [{ productId: 'tea', quantity: 2 }],
        currency: 'EUR',
        paymentMethod: 'pm_secret',
        ...body,
      },
    }),
  cancel: (userId, orderId, headers) =>
    server.request('POST', `/orders/${orderId}/cancellation`, {
      as: customer(userId),
      headers: { 'idempotency-key': randomUUID(), ...headers },
    }),
});
