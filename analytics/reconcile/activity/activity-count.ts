// The expected activity and revenue of one partition: records in offset order in, sums and documents out, in plainest form.
import { IdHorizon } from '../id-horizon.ts';
import { digestOf, type ExpectedLetter, type PlainCount } from '../oracle.ts';
import type { PlainRecord } from '../plain-event.ts';
import {
  documentIdOf,
  type PlainDocument,
  type PlainTopic,
  readPlainActivity,
  textOf,
} from './plain-activity.ts';
import { NO_REVENUE, type Revenue, revenueKey, sumRevenue } from './revenue.ts';

export class ActivityCount implements PlainCount {
  events = 0;
  repeats = 0;
  maxTimeMs: number | undefined;
  readonly letters = new Map<number, ExpectedLetter>();
  /** By day and currency. */
  readonly revenue = new Map<string, Revenue>();
  /** The content of each document under its id. */
  readonly documents = new Map<string, string>();
  private readonly topic: PlainTopic;
  private readonly ids: IdHorizon;

  constructor(topic: PlainTopic, seenIdsMax: number) {
    this.topic = topic;
    this.ids = new IdHorizon(seenIdsMax);
  }

  add(record: PlainRecord): void {
    const reading = readPlainActivity(this.topic, record);
    if (!reading.ok) {
      this.letters.set(record.offset, { reason: reading.reason, digest: digestOf(record.value) });
      return;
    }
    const { source, id, timeMs, document } = reading;
    this.maxTimeMs = this.maxTimeMs === undefined ? timeMs : Math.max(this.maxTimeMs, timeMs);
    if (this.ids.isRepeat(source, id)) {
      this.repeats += 1;
      return;
    }
    this.events += 1;
    const key = documentIdOf(document.kind, source, id);
    // The first one stays, when the same event comes again beyond the horizon.
    if (!this.documents.has(key)) this.documents.set(key, textOf(document));
    this.earn(document);
  }

  private earn({ kind, occurredMs, amountMinor, currency }: PlainDocument): void {
    if (amountMinor === undefined || currency === undefined) return;
    const isPayment = kind === 'payment-succeeded';
    if (!isPayment && kind !== 'payment-refunded') return;
    const key = revenueKey(new Date(occurredMs).toISOString().slice(0, 10), currency);
    const one = isPayment
      ? { ...NO_REVENUE, payments: 1n, amountMinor }
      : { ...NO_REVENUE, refunds: 1n, refundedMinor: amountMinor };
    this.revenue.set(key, sumRevenue(this.revenue.get(key) ?? NO_REVENUE, one));
  }
}
