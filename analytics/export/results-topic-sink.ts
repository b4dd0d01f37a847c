// Each revision as an event of `analytics.results`, keyed by window and label; the topic is compacted.
// A transactional id fences a former leader, so that an old revision never comes after a newer one in the log.

import { revisionId, type WindowTotal, windowKey } from '#contracts/analytics.ts';
import { encodeEvent } from '#contracts/envelope.ts';
import { analyticsResults } from '#contracts/topics.ts';
import { createProducer, type KafkaClient, type Producer } from '#runtime/kafka.ts';
import type { Sink } from './sink.ts';

const SOURCE = '/analytics';

/** A producer whose abort failed is in an unknown state: it is thrown away and the next delivery opens a new one. */
export function createResultsTopicSink(client: KafkaClient): Sink {
  let producer: Producer | undefined;
  const connected = async (): Promise<Producer> => {
    if (producer) return producer;
    const created = createProducer(client, { transactionalId: 'analytics-exporter', retryCountMax: 5 });
    await created.connect();
    producer = created;
    return created;
  };
  const discard = async (): Promise<void> => {
    const broken = producer;
    producer = undefined;
    await broken?.disconnect().catch(() => {});
  };
  return {
    name: 'results-topic',
    // One transaction at a time: that is what a transactional producer offers.
    concurrency: 1,
    deliver: async (total) => {
      try {
        await sendInTransaction(client, await connected(), total);
      } catch (error) {
        await discard();
        throw error;
      }
    },
    close: discard,
  };
}

async function sendInTransaction(client: KafkaClient, producer: Producer, total: WindowTotal): Promise<void> {
  const record = encodeEvent(analyticsResults.event, windowKey(total), {
    id: revisionId(total),
    source: SOURCE,
    // The revision's content is fixed when the window closes, so its time is a function of it too.
    time: total.windowEnd,
    data: total,
  });
  const transaction = await producer.transaction();
  try {
    await transaction.send({ topic: client.nameOf(analyticsResults.name), acks: -1, messages: [record] });
    await transaction.commit();
  } catch (error) {
    await transaction.abort().catch(() => {});
    throw error;
  }
}
