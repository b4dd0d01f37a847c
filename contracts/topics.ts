// Every topic: name, key, event, partitions, retention. Deployments (lambda/kafka-topics/) and the launcher create them from this list.
import { WINDOW_TOTAL, type WindowTotal } from './analytics.ts';
import { IMAGE_PROCESSED, IMAGE_REJECTED, type ImageProcessed, type ImageRejected } from './images.ts';
import { SHOP_TOPICS } from './shop-topics.ts';
import { DAY_MS, type Topic } from './topic.ts';

export const productImagesProcessed: Topic<ImageProcessed> = {
  name: 'product-images.processed',
  key: 'productId',
  event: IMAGE_PROCESSED,
  partitions: 6,
  cleanup: 'delete',
  retentionMs: 7 * DAY_MS,
  deadLetters: 'product-images.processed.dlq',
};

export const productImagesRejected: Topic<ImageRejected> = {
  name: 'product-images.rejected',
  key: 'source key',
  event: IMAGE_REJECTED,
  // As many as the product service has replicas at most: a topic with fewer would bound them.
  partitions: 6,
  cleanup: 'delete',
  retentionMs: 7 * DAY_MS,
  deadLetters: 'product-images.rejected.dlq',
};

export const analyticsResults: Topic<WindowTotal> = {
  name: 'analytics.results',
  key: 'size_label and window start',
  event: WINDOW_TOTAL,
  partitions: 3,
  cleanup: 'compact',
  retentionMs: 0,
};

/** In a fixed order, in which they are created. */
export const TOPICS: readonly Topic<unknown>[] = [
  productImagesProcessed,
  productImagesRejected,
  analyticsResults,
  ...SHOP_TOPICS,
];

/** The consumer group of replays of dead letters: its offsets say how far they have come. */
export const REPLAY_GROUP = 'dead-letter-replay';

const RECORD_BYTES_MAX = 1_048_588;
/** A dead letter is the whole refused record plus our headers. */
const DEAD_LETTER_ROOM_BYTES = 65_536;

/**
 * The broker unpacks every batch that a producer has compressed, and refuses what is then too large. So every reader can read every
 * record, and no small batch unpacks to gigabytes at a reader. Our own batches are small and not compressed.
 */
const READABLE = { 'compression.type': 'uncompressed' };

/** One topic as a broker is asked to create it. */
export interface TopicSettings {
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Settings of every topic and of its dead-letter topic. */
export function topicSettings(topics: readonly Topic<unknown>[] = TOPICS): TopicSettings[] {
  return topics.flatMap((topic) => [
    {
      topic: topic.name,
      partitions: topic.partitions,
      config: {
        'cleanup.policy': topic.cleanup,
        ...(topic.cleanup === 'delete' ? { 'retention.ms': String(topic.retentionMs) } : {}),
        // The broker's clock stamps each record, so that a producer's wrong clock can be noticed (CLOCK_SKEW_MS_MAX in analytics/topology.ts).
        'message.timestamp.type': 'LogAppendTime',
        'max.message.bytes': String(RECORD_BYTES_MAX),
        ...READABLE,
      },
    },
    ...(topic.deadLetters ? [deadLetterSettings(topic, topic.deadLetters)] : []),
  ]);
}

function deadLetterSettings(topic: Topic<unknown>, name: string): TopicSettings {
  return {
    topic: name,
    partitions: Math.min(3, topic.partitions),
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(30 * DAY_MS),
      'message.timestamp.type': 'LogAppendTime',
      'max.message.bytes': String(RECORD_BYTES_MAX + DEAD_LETTER_ROOM_BYTES),
      ...READABLE,
    },
  };
}
