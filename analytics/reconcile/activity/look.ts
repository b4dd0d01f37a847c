// One look at activity: the snapshot first, each topic's log up to exactly its offsets, then Firestore.
import type { KafkaClient } from '#runtime/kafka/client.ts';
import type { TopicObserved } from '../observed.ts';
import { from } from '../reachable.ts';
import type { Settings } from '../settings.ts';
import { TopicLog } from '../topic-log.ts';
import { ActivityCount } from './activity-count.ts';
import { PLAIN_TOPICS } from './plain-activity.ts';
import {
  type ActivitySnapshot,
  readActivityDocuments,
  readStoredDocuments,
  type StoredDocument,
  takeActivitySnapshot,
} from './stored.ts';

/** What was read of one topic. */
export interface ActivityTopicObserved extends TopicObserved {
  readonly counted: ReadonlyMap<number, ActivityCount>;
}

/** Everything that was read of activity. */
export interface ActivityObserved {
  /** By the topic's name. */
  readonly topics: ReadonlyMap<string, ActivityTopicObserved>;
  readonly snapshot: Pick<ActivitySnapshot, 'revenue' | 'perDay' | 'documents'>;
  /** Read after Firestore: what was counted while it was read. */
  readonly documentsSince: readonly StoredDocument[];
  readonly firestore: ReadonlyMap<string, string>;
}

export class ActivityLooker {
  private readonly settings: Settings;
  private readonly client: KafkaClient;
  private readonly logs: ReadonlyMap<string, TopicLog<ActivityCount>>;

  constructor(settings: Settings, client: KafkaClient, onProgress: (line: string) => void) {
    this.settings = settings;
    this.client = client;
    this.logs = new Map(
      PLAIN_TOPICS.map((plain) => {
        const { name: topic, deadLetters } = plain.topic;
        const beginCount = () => new ActivityCount(plain, settings.SEEN_IDS_MAX);
        return [topic, new TopicLog({ client, topic, deadLetters: deadLetters!, beginCount, onProgress })];
      }),
    );
  }

  /** Notes where the logs end now: that far the worker must get. */
  async open(): Promise<void> {
    await from('Kafka', 'KAFKA_BROKERS', () => Promise.all([...this.logs.values()].map((log) => log.open())));
  }

  async look(): Promise<ActivityObserved> {
    const { DATABASE_URL } = this.settings;
    const names = [...this.logs.keys()];
    const snapshot = await from('Postgres', 'DATABASE_URL', () =>
      takeActivitySnapshot(DATABASE_URL, names.map(this.client.nameOf)),
    );
    const topics = await from('Kafka', 'KAFKA_BROKERS', () =>
      Promise.all(names.map(async (name) => [name, await this.observe(name, snapshot)] as const)),
    );
    const firestore = await from('Firestore', 'FIRESTORE_EMULATOR_HOST and GOOGLE_CLOUD_PROJECT', () =>
      readActivityDocuments(this.settings),
    );
    const documentsSince = await from('Postgres', 'DATABASE_URL', () => readStoredDocuments(DATABASE_URL));
    return { topics: new Map(topics), snapshot, documentsSince, firestore };
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.logs.values()].map((log) => log.close()));
  }

  private async observe(name: string, { states }: ActivitySnapshot): Promise<ActivityTopicObserved> {
    const state = states.get(this.client.nameOf(name))!;
    return { ...(await this.logs.get(name)!.readTo(state)), snapshot: state };
  }
}
