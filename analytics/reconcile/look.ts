// One look at the images: the snapshot first, the log up to exactly its offsets, then the sinks.
import { productImagesProcessed } from '#contracts/topics.ts';
import type { KafkaClient } from '#runtime/kafka/client.ts';
import { readRevisions, takeSnapshot } from './cloud-sql.ts';
import { readDocuments } from './firestore.ts';
import { ResultObjects } from './gcs.ts';
import type { Observed } from './observed.ts';
import { PartitionCount } from './oracle.ts';
import { from } from './reachable.ts';
import { ResultsTopic } from './results-topic.ts';
import type { Settings } from './settings.ts';
import { TopicLog } from './topic-log.ts';

export class Looker {
  private readonly settings: Settings;
  private readonly topic: string;
  private readonly log: TopicLog<PartitionCount>;
  private readonly objects: ResultObjects;
  private readonly results: ResultsTopic;

  constructor(settings: Settings, client: KafkaClient, onProgress: (line: string) => void) {
    this.settings = settings;
    this.topic = client.nameOf(productImagesProcessed.name);
    this.log = new TopicLog({
      client,
      topic: productImagesProcessed.name,
      deadLetters: productImagesProcessed.deadLetters!,
      beginCount: () =>
        new PartitionCount({
          outOfOrderBoundMs: settings.OUT_OF_ORDER_BOUND_MS,
          latenessMs: settings.LATENESS_MS,
          seenIdsMax: settings.SEEN_IDS_MAX,
        }),
      onProgress,
    });
    this.objects = new ResultObjects(settings);
    this.results = new ResultsTopic(client);
  }

  /** Notes where the log ends now: that far the worker must get. */
  open(): Promise<void> {
    return from('Kafka', 'KAFKA_BROKERS', () => this.log.open());
  }

  async look(): Promise<Observed> {
    const { DATABASE_URL } = this.settings;
    const snapshot = await from('Postgres', 'DATABASE_URL', () => takeSnapshot(DATABASE_URL, this.topic));
    const read = await from('Kafka', 'KAFKA_BROKERS', () => this.log.readTo(snapshot));
    const [firestore, gcs, results] = await Promise.all([
      from('Firestore', 'FIRESTORE_EMULATOR_HOST and GOOGLE_CLOUD_PROJECT', () =>
        readDocuments(this.settings),
      ),
      from('GCS', 'GCS_ENDPOINT and RESULTS_BUCKET', () => this.objects.read()),
      from('the results topic', 'KAFKA_BROKERS', () => this.results.read()),
    ]);
    const revisionsSince = await from('Postgres', 'DATABASE_URL', () => readRevisions(DATABASE_URL));
    return { ...read, snapshot, revisionsSince, firestore, gcs, results };
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.log.close(), this.results.close()]);
  }
}
