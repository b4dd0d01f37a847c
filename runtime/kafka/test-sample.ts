// A topic of events that only specs have, and its records.
import { z } from 'zod';
import { type EncodedRecord, encodeEvent } from '#contracts/envelope.ts';
import type { Topic } from '#contracts/topic.ts';

/** Data of a sample event. */
export type Sample = { n: number };

/** A topic with dead letters. */
export const sampleTopic = (name: string, partitions = 1): Topic<Sample> => ({
  name,
  key: 'n',
  event: { type: 'shop.sample.v1', schema: z.object({ n: z.int() }) },
  partitions,
  cleanup: 'delete',
  retentionMs: 3_600_000,
  deadLetters: `${name}.dlq`,
});

/** The event `e-<n>` with the key `k<n>`. */
export const sampleRecord = (topic: Topic<Sample>, n: number): EncodedRecord =>
  encodeEvent(topic.event, `k${n}`, {
    id: `e-${n}`,
    source: '/spec',
    time: '2026-11-24T08:14:00Z',
    data: { n },
  });
