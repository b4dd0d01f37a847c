// The services of the shop on one database, without Kafka and without processes: their own stores and consumers, and a bus that hands
// over what is in the outboxes until nothing moves. Forged events are handed over in the same way.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { decodeEvent, encodeEvent } from '#contracts/envelope.ts';
import { SHOP_TOPICS } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { RefusedEvent } from '#runtime/errors.ts';
import type { Subscription } from '#runtime/kafka/subscription.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { inTrace } from '#runtime/trace.ts';
import { cartConsumers } from '../services/cart/consumers.ts';
import { createCartStore } from '../services/cart/store.ts';
import { notificationConsumers } from '../services/notification/consumers.ts';
import { openStage, type Stage } from '../services/notification/test-stage.ts';
import { orderConsumers } from '../services/order/consumers.ts';
import type { OrderStore } from '../services/order/domain.ts';
import { createOrderMetrics } from '../services/order/metrics.ts';
import { createPlacement } from '../services/order/placement.ts';
import { createPriceList } from '../services/order/price-list.ts';
import { createOrderStore } from '../services/order/store.ts';
import { paymentConsumers } from '../services/payment/consumers.ts';
import { openPaymentStage, type PaymentStage, type Replica } from '../services/payment/test-payments.ts';
import { productConsumers } from '../services/product/consumers.ts';
import { openProduct, type TestProduct } from '../services/product/test-product.ts';
import { freshDatabase } from './fresh.ts';

/** A topic of the shop, by its name, and what it carries. */
const TOPIC_BY_NAME = new Map(SHOP_TOPICS.map((topic) => [topic.name, topic]));
const log = createLogger('spec', 'silent');

export interface WholeShop {
  readonly url: string;
  readonly orders: OrderStore;
  readonly product: TestProduct;
  readonly payment: PaymentStage;
  readonly collector: Replica['collector'];
  readonly payments: Replica['store'];
  readonly notification: Stage;
  /** Codes of the refusals by consumers, in order. */
  readonly refused: string[];
  /** Places an order of these pieces by a new customer, and waits until everything is at rest. */
  buy(quantities: Readonly<Record<string, number>>, paymentMethod?: string): Promise<string>;
  /** Hands over what is in the outboxes, pays, and sends mails, until nothing moves. */
  settle(): Promise<void>;
  /** Hands an event that no service sent to all consumers of its topic, and waits until everything is at rest. */
  forge<Data>(topic: Topic<Data>, data: Data): Promise<void>;
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

interface Consumers {
  readonly consumers: readonly Subscription[];
  readonly refused: string[];
}

/** The stores and stages of a shop, before anything moves. */
async function openParts(url: string) {
  const poolOf = async (schema: string, folder = schema): Promise<Pool> => {
    const pool = createPool({ connectionString: url, applicationName: 'spec', schema, log });
    await migrateService(pool, schema, join(import.meta.dirname, `../services/${folder}/migrations`), log);
    return pool;
  };
  const pools = {
    order: await poolOf('order'),
    cart: await poolOf('cart'),
    user: await poolOf('users', 'user'),
  };
  const product = await openProduct({ url });
  const payment = await openPaymentStage({ url, drop: async () => {} });
  const onDecision = createOrderMetrics(createRegistry('spec'));
  return {
    pools,
    product,
    payment,
    replica: payment.replica(),
    notification: await openStage(url),
    orders: createOrderStore(pools.order, onDecision),
    prices: createPriceList(pools.order),
    cart: createCartStore(pools.cart),
  };
}

type Parts = Awaited<ReturnType<typeof openParts>>;

const consumersOf = ({ orders, prices, cart, product, replica, notification }: Parts): Subscription[] => [
  ...orderConsumers({ orders, recordPrice: prices.record }),
  ...cartConsumers(cart),
  ...productConsumers(product.reservations, product.gallery, product.uploadLog),
  ...paymentConsumers(replica.store, replica.collector),
  ...notificationConsumers(notification.store),
];

export async function openWholeShop(): Promise<WholeShop> {
  const database = await freshDatabase();
  const parts = await openParts(database.url);
  const { orders, product, payment, replica, notification, pools } = parts;
  const bus: Consumers = { consumers: consumersOf(parts), refused: [] };
  const settle = async (): Promise<void> => {
    do {
      await replica.collector.idle();
      await notification.dispatch();
    } while (await relay(pools.order, bus));
  };
  return {
    url: database.url,
    orders,
    product,
    payment,
    payments: replica.store,
    collector: replica.collector,
    notification,
    refused: bus.refused,
    settle,
    buy: async (quantities, paymentMethod = 'pm_ok') => {
      const orderId = await buy(parts, quantities, paymentMethod);
      await settle();
      return orderId;
    },
    forge: async (topic, data) => {
      const about = { id: randomUUID(), source: '/services/forged', time: new Date().toISOString() };
      await deliver(bus, topic, encodeEvent(topic.event, 'forged', { ...about, data }));
      await settle();
    },
    query: async (sql, values = []) => (await pools.order.query<Record<string, unknown>>(sql, values)).rows,
    close: async () => {
      await Promise.all([...Object.values(pools), product.pool].map((pool) => pool.end()));
      await payment.close();
      await notification.close();
      await database.drop();
    },
  };
}

async function buy(
  { orders, prices, notification }: Parts,
  quantities: Readonly<Record<string, number>>,
  paymentMethod: string,
): Promise<string> {
  const userId = randomUUID();
  notification.addresses.people.set(userId, { email: 'ann@mail.example', locale: 'en' });
  const lines = Object.entries(quantities).map(([productId, quantity]) => ({ productId, quantity }));
  const wish = { userId, idempotencyKey: randomUUID(), lines, currency: 'EUR', paymentMethod };
  const placement = await createPlacement(orders, prices)(wish);
  if (placement.kind === 'refused') throw new Error(placement.why);
  return placement.order.orderId;
}

/** Hands over all that waits in the outboxes; false when nothing did. */
async function relay(pool: Pool, parts: Consumers): Promise<boolean> {
  let isMoved = false;
  for (const schema of ['users', 'product', 'cart', '"order"', 'payment', 'notification']) {
    const { rows } = await pool.query<{ topic: string; headers: Record<string, string>; value: string }>(
      `WITH taken AS (DELETE FROM ${schema}.outbox RETURNING *) SELECT topic, headers, value FROM taken ORDER BY id`,
    );
    for (const { topic, headers, value } of rows)
      await deliver(parts, TOPIC_BY_NAME.get(topic)!, { headers, value });
    isMoved ||= rows.length > 0;
  }
  return isMoved;
}

async function deliver(
  { consumers, refused }: Consumers,
  topic: Topic<unknown>,
  { headers, value }: { readonly headers: Record<string, string>; readonly value: string },
): Promise<void> {
  const decoded = decodeEvent(topic.event, { headers, value: Buffer.from(value) });
  if (!decoded.ok) throw new Error(`${topic.name}: ${decoded.detail}`);
  for (const consumer of consumers.filter((one) => one.topic.name === topic.name)) {
    try {
      const { event } = decoded;
      await inTrace(event.traceparent, () => consumer.handle(event));
    } catch (error) {
      if (!(error instanceof RefusedEvent)) throw error;
      refused.push(error.code);
    }
  }
}
