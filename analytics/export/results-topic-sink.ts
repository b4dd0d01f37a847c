// Revisions as events of `analytics.results`, keyed by window and label; the topic is compacted.
// Guarantee: in the log no revision of a window comes after a higher one. A transactional id fences a former leader, and the
// fence is taken before a round reads what is due: a fenced leader read before that, and cannot send what it read.
import { revisionId, type WindowTotal, windowKey } from '#contracts/analytics.ts';
import { type EncodedRecord, encodeEvent } from '#contracts/envelope.ts';
import { analyticsResults } from '#contracts/topics.ts';
import { AppError } from '#runtime/errors.ts';
import { createProducer, type KafkaClient, type Producer, type Transaction } from '#runtime/kafka/client.ts';
import type { Sink } from './sink.ts';

const SOURCE = '/analytics';
const BATCH_MAX = 100;

/** After any failure the producer is thrown away: one that failed to abort is in an unknown state. */
export function createResultsTopicSink(client: KafkaClient): Sink {
  let producer: Producer | undefined;
  let transaction: Transaction | undefined;
  const discard = async (): Promise<void> => {
    const broken = producer;
    producer = undefined;
    transaction = undefined;
    await broken?.disconnect().catch(() => {});
  };
  const begin = async (): Promise<void> => {
    if (transaction) return;
    try {
      producer ??= await connect(client);
      // Takes the transactional id over at the first call; the broker learns of the transaction with the first record.
      transaction = await producer.transaction();
    } catch (error) {
      await discard();
      throw error;
    }
  };
  return {
    name: 'results-topic',
    // One transaction at a time: that is what a transactional producer offers.
    concurrency: 1,
    batchMax: BATCH_MAX,
    begin,
    deliver: async (totals) => {
      // The same producer, and so the same fence, for every batch of a round.
      const open = transaction ?? (await producer?.transaction());
      transaction = undefined;
      if (!open) throw new AppError('round-over', 'the transaction of this round is gone');
      try {
        const topic = client.nameOf(analyticsResults.name);
        await open.send({ topic, acks: -1, messages: totals.map(recordOf) });
        await open.commit();
      } catch (error) {
        await open.abort().catch(() => {});
        await discard();
        throw error;
      }
    },
    close: discard,
  };
}

async function connect(client: KafkaClient): Promise<Producer> {
  const producer = createProducer(client, { transactionalId: 'analytics-exporter', retryCountMax: 5 });
  await producer.connect();
  return producer;
}

const recordOf = (total: WindowTotal): EncodedRecord =>
  encodeEvent(analyticsResults.event, windowKey(total), {
    id: revisionId(total),
    source: SOURCE,
    // The revision's content is fixed when the window closes, so its time is a function of it too.
    time: total.windowEnd,
    data: total,
  });
