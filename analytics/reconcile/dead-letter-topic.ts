// What a dead-letter topic holds: under each dlq-id the digest of the raw value that was published.
import { productImagesProcessed, topicSettings } from '#contracts/topics.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { LogReader, logEnds } from './log-reader.ts';
import { digestOf } from './oracle.ts';

/** Older letters may have left their topic by its retention, which all such topics share. */
export const LETTER_RETENTION_MS = Number(
  topicSettings().find(({ topic }) => topic === productImagesProcessed.deadLetters)?.config['retention.ms'],
);
/** Marks a letter whose value did not fit and stays in the database. */
export const BODY_LEFT_OUT = '(left out)';

export class DeadLetterTopic {
  private readonly client: KafkaClient;
  private readonly topic: string;
  private readonly reader: LogReader;
  /** `topicId/partition/offset` to the digests that were published under it. */
  private readonly digests = new Map<string, Set<string>>();

  constructor(client: KafkaClient, topic: string) {
    this.client = client;
    this.topic = topic;
    this.reader = new LogReader(client, topic, (_part, { value, headers }) => {
      const id = String(headers?.['dlq-id'] ?? '(no dlq-id)');
      const isLeftOut = value === null && headers?.['dlq-body'] !== undefined;
      const digests = this.digests.get(id) ?? new Set();
      digests.add(isLeftOut ? BODY_LEFT_OUT : digestOf(value));
      this.digests.set(id, digests);
    });
  }

  /** Reads on to the end as it is now. */
  async read(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const ends = await logEnds(this.client, this.topic);
    for (const { part, earliest } of ends) this.reader.startAt(part, earliest);
    await this.reader.readTo(new Map(ends.map(({ part, end }) => [part, end])));
    return this.digests;
  }

  close(): Promise<void> {
    return this.reader.close();
  }
}
