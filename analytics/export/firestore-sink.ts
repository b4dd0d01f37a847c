// One document per (window, size_label) in `analytics_events`; a write happens only when it raises the revision.
// Reads, then writes on condition that nothing changed in between: no transaction, whose locks a killed exporter would
// leave behind for a minute.
import type { DocumentSnapshot } from '@google-cloud/firestore';
import { ANALYTICS_EVENTS_COLLECTION, type WindowTotal, windowKey } from '#contracts/analytics.ts';
import { connectFirestore, type FirestoreOptions } from './firestore-client.ts';
import { type Sink, sinkAhead } from './sink.ts';

const INT64_MAX = 2n ** 63n - 1n;

export function createFirestoreSink(options: FirestoreOptions): Sink {
  const firestore = connectFirestore(options);
  const collection = firestore.collection(ANALYTICS_EVENTS_COLLECTION);
  return {
    name: 'firestore',
    concurrency: 8,
    batchMax: 1,
    deliver: async ([total]) => {
      if (!total) return;
      const reference = collection.doc(windowKey(total));
      const stored = await reference.get();
      if (!stored.exists) {
        await reference.create(documentOf(total));
        return;
      }
      const revision: unknown = stored.get('revision');
      if (typeof revision === 'number' && revision >= total.revision) {
        if (revision === total.revision && !isSame(stored, total)) throw sinkAhead('firestore', total);
        return;
      }
      const precondition = stored.updateTime ? { lastUpdateTime: stored.updateTime } : {};
      await reference.update(documentOf(total), precondition);
    },
    close: () => firestore.terminate(),
  };
}

const isSame = (stored: DocumentSnapshot, total: WindowTotal): boolean =>
  stored.get('events') === total.events && String(stored.get('bytes')) === total.bytes;

/** Bytes are an integer there, so that Firestore can sum them; beyond 64 bits they stay digits. */
function documentOf(total: WindowTotal): Record<string, unknown> {
  return { kind: 'image-bytes', ...total, bytes: integer(total.bytes), lateBytes: integer(total.lateBytes) };
}

const integer = (digits: string): bigint | string => (BigInt(digits) <= INT64_MAX ? BigInt(digits) : digits);
