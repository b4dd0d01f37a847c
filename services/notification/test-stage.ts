// A notification service without Kafka, for specs: real tables, a fake address book, a mailer that accepts, refuses or fails as the spec says.
import { randomUUID } from 'node:crypto';
import type { Event } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';
import { AppError } from '#runtime/errors.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry, type Registry } from '#runtime/metrics.ts';
import { createPool, type Pool } from '#runtime/postgres/database.ts';
import { migrateService } from '#runtime/postgres/migrate.ts';
import { notificationConsumers } from './consumers.ts';
import { type DispatchParts, dispatchRound } from './dispatch.ts';
import type { Mail, Mailer, NotificationStore } from './domain.ts';
import { createNotificationMetrics } from './metrics.ts';
import { createNotificationStore } from './store.ts';
import { createFakeAddressBook, type FakeAddressBook } from './test-address-book.ts';

export interface FakeMailer extends Mailer {
  /** What was handed to it, also when it failed afterwards. */
  readonly mails: Mail[];
  /** Of the next mails. */
  does: 'accept' | 'refuse' | 'fail';
}

export interface Stage {
  readonly pool: Pool;
  readonly store: NotificationStore;
  readonly addresses: FakeAddressBook;
  readonly mailer: FakeMailer;
  readonly registry: Registry;
  readonly parts: DispatchParts;
  arrive<Data>(topic: Topic<Data>, data: Data, id?: string): Promise<string>;
  /** One round of the sender; `over` replaces parts of it. */
  dispatch(over?: Partial<DispatchParts>): Promise<void>;
  /** What has become of the notification of a cause. */
  stateOf(causeId: string): Promise<{ state: string; reason: string | null; attempts: number }>;
  /** Makes everything that waits due now. */
  hurry(): Promise<void>;
  /** `notification.sent` of a cause, as they stand in the outbox. */
  published(causeId: string): Promise<unknown[]>;
  counted(metric: string): Promise<number>;
  close(): Promise<void>;
}

export async function openStage(databaseUrl: string): Promise<Stage> {
  const log = createLogger('spec', 'silent');
  const schema = 'notification';
  const pool = createPool({ connectionString: databaseUrl, applicationName: 'spec', schema, log });
  await migrateService(pool, schema, `${import.meta.dirname}/migrations`, log);
  const store = createNotificationStore(pool);
  const addresses = createFakeAddressBook();
  const mailer = createFakeMailer();
  const registry = createRegistry('spec');
  const parts: DispatchParts = {
    store,
    addresses,
    mailer,
    letters: { shopName: 'Shop', shopUrl: 'https://shop.example' },
    messageDomain: 'shop.example',
    attemptsMax: 3,
    metrics: createNotificationMetrics(registry, store, log),
    log,
  };
  return {
    pool,
    store,
    addresses,
    mailer,
    registry,
    parts,
    arrive: (topic, data, id) => arrive(store, topic, data, id),
    dispatch: (over = {}) => dispatchRound({ ...parts, ...over }),
    ...questions(pool),
    counted: async (metric) => {
      const found = await registry.getSingleMetric(metric)?.get();
      return (found?.values ?? []).reduce((sum, { value }) => sum + value, 0);
    },
    close: () => pool.end(),
  };
}

/** What a spec asks of the tables, and time made to pass in them. */
const questions = (pool: Pool): Pick<Stage, 'stateOf' | 'hurry' | 'published'> => ({
  stateOf: async (causeId) => {
    const { rows } = await pool.query(
      'SELECT state, reason, attempts FROM notification WHERE cause_id = $1',
      [causeId],
    );
    return rows[0];
  },
  hurry: async () => {
    await pool.query('UPDATE notification SET due_at = now() WHERE due_at > now()');
  },
  published: async (causeId) => {
    const { rows } = await pool.query<{ value: string }>('SELECT value FROM outbox ORDER BY id');
    return rows.map(({ value }) => JSON.parse(value)).filter((data) => data.causeId === causeId);
  },
});

async function arrive<Data>(
  store: NotificationStore,
  topic: Topic<Data>,
  data: Data,
  id: string = randomUUID(),
): Promise<string> {
  const timeMs = Date.now();
  const time = new Date(timeMs).toISOString();
  const event: Event<unknown> = { id, source: '/spec', type: topic.event.type, time, timeMs, data };
  await notificationConsumers(store)
    .find((one) => one.topic.name === topic.name)!
    .handle(event);
  return id;
}

function createFakeMailer(): FakeMailer {
  const mailer: FakeMailer = {
    mails: [],
    does: 'accept',
    send: async (mail) => {
      mailer.mails.push(mail);
      if (mailer.does === 'fail') throw new AppError('mail-not-sent', 'the spec makes the mailer fail');
      return mailer.does === 'refuse' ? 'refused' : 'accepted';
    },
  };
  return mailer;
}
