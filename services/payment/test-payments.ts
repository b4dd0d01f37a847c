// A stage for specs: the payment service's parts on a database of its own, as main.ts wires them, with the sandbox for a provider.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Event } from '#contracts/envelope.ts';
import type { OrderCancelled } from '#contracts/orders.ts';
import { orderCancelled, paymentRequested } from '#contracts/shop-topics.ts';
import type { Topic } from '#contracts/topic.ts';
import { createLogger, type Logger, loggedError } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { inTrace } from '#runtime/trace.ts';
import { announceEvent } from './announcements.ts';
import { createCollector, type RunningCollector } from './collector.ts';
import { paymentConsumers } from './consumers.ts';
import type { PaymentStore } from './domain.ts';
import { bookEvent } from './ledger.ts';
import type { PaymentProvider } from './provider.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { createSchedule } from './schedule.ts';
import { createPaymentStore } from './store.ts';

/** Longer than any spec: a late charge is settled by `settleLate` alone. */
export const LATE_MS = 3_600_000;
export const CUSTOMER = 'owner-1';

/** One replica of the service. */
export interface Replica {
  readonly store: PaymentStore;
  readonly collector: RunningCollector;
  request(orderId: string, paymentMethod: string, amountMinor?: number): Promise<void>;
  /** `over` replaces facts of the order in the event. */
  cancel(orderId: string, over?: Partial<OrderCancelled>): Promise<void>;
}

export interface PaymentStage {
  readonly pool: Pool;
  readonly sandbox: Sandbox;
  /** All that was logged at `warn` and above. */
  readonly logged: string[];
  replica(provider?: PaymentProvider): Replica;
  /** Events of an order in the outbox: their topic, headers and data. */
  published(orderId: string): Promise<{ topic: string; id: string; traceparent?: string; data: unknown }[]>;
  /** As if every pause and every lease had ended. */
  letPausesEnd(): Promise<void>;
  close(): Promise<void>;
}

export const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** An event as a consumer hands it over. */
export const eventOf = <Data>(topic: Topic<Data>, data: Data, id: string): Event<Data> => ({
  id,
  source: '/services/order',
  type: topic.event.type,
  time: '2026-03-01T12:00:00.000Z',
  timeMs: Date.parse('2026-03-01T12:00:00.000Z'),
  traceparent: TRACE,
  data,
});

/** As if the time of every late charge, and of all news, had come. */
export async function settleLate(pool: Pool): Promise<void> {
  await pool.query('UPDATE sandbox_charge SET settles_at = clock_timestamp() WHERE settles_at IS NOT NULL');
  await pool.query('UPDATE sandbox_webhook SET due_at = clock_timestamp()');
}

/** A service on an empty database, which goes when the stage closes. */
export async function openPaymentStage(database: {
  url: string;
  drop: () => Promise<void>;
}): Promise<PaymentStage> {
  const logged: string[] = [];
  const log = loggerInto(logged);
  const pool = createPool({
    connectionString: database.url,
    applicationName: 'spec',
    schema: 'payment',
    log,
  });
  await migrateService(pool, 'payment', join(import.meta.dirname, 'migrations'), log);
  const sandbox = createSandbox({ pool, lateMs: LATE_MS });
  return {
    pool,
    sandbox,
    logged,
    replica: (provider = sandbox) => openReplica(pool, provider, log),
    published: (orderId) => published(pool, orderId),
    letPausesEnd: async () => {
      await pool.query('UPDATE payment SET next_step_at = clock_timestamp() WHERE next_step_at IS NOT NULL');
    },
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

function loggerInto(lines: string[]): Logger {
  const log = createLogger('spec', 'silent');
  const keep = (...parts: unknown[]) =>
    void lines.push(
      JSON.stringify(parts, (_, value: unknown) => (value instanceof Error ? loggedError(value) : value)),
    );
  return Object.assign(log, { warn: keep, error: keep });
}

function openReplica(pool: Pool, provider: PaymentProvider, log: Logger): Replica {
  const store = createPaymentStore({
    pool,
    writers: [bookEvent, announceEvent],
  });
  const collector = createCollector({ store, schedule: createSchedule(pool), provider, log });
  const consumers = paymentConsumers(store, collector);
  const hear = async <Data>(topic: Topic<Data>, data: Data, id: string): Promise<void> => {
    const event = eventOf(topic, data, id);
    await inTrace(event.traceparent, async () =>
      consumers.find((one) => one.topic.name === topic.name)?.handle(event),
    );
  };
  return {
    store,
    collector,
    request: (orderId, paymentMethod, amountMinor = 1_250) => {
      const amount = { amountMinor, currency: 'EUR' };
      const data = { orderId, userId: CUSTOMER, amount, paymentMethod };
      return hear(paymentRequested, data, `${orderId}/payment-requested`);
    },
    cancel: (orderId, over = {}) => {
      const total = { amountMinor: 1_250, currency: 'EUR' };
      const data = { orderId, userId: CUSTOMER, reason: 'by-customer' as const, total, ...over };
      return hear(orderCancelled, data, `${orderId}/cancelled`);
    },
  };
}

async function published(pool: Pool, orderId: string) {
  const { rows } = await pool.query<{ topic: string; headers: Record<string, string>; value: string }>(
    'SELECT topic, headers, value FROM outbox WHERE key = $1 ORDER BY id',
    [orderId],
  );
  return rows.map(({ topic, headers, value }) => ({
    topic,
    id: headers.ce_id ?? '',
    ...(headers.traceparent ? { traceparent: headers.traceparent } : {}),
    data: JSON.parse(value) as unknown,
  }));
}

export const newOrder = (): string => `order-${randomUUID()}`;
