// The topics of a cluster as they are, and the changes that kafkajs can make to them. What to change is decided elsewhere.
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type ConfigEntries } from 'kafkajs';
import type { TopicSettings } from '#contracts/topics.ts';
import { AppError } from '../errors.ts';
import { ownOf } from '../own.ts';
import { type Admin, type KafkaClient, withAdmin } from './client.ts';

// Node finds only the first few names of this CommonJS package.
const { ConfigResourceTypes, ConfigSource } = kafkajs;

/** What changes of a topic that is there; `config` then names all its settings: the broker drops what is not named. */
export type TopicChange = Pick<TopicSettings, 'topic'> & Partial<TopicSettings>;

/** Those of the named topics that exist, with the settings that were made for each: the broker's defaults are left out. */
export const describeTopics = (client: KafkaClient, topics: readonly string[]): Promise<TopicSettings[]> =>
  withAdmin(client, async (admin) => {
    const present = new Set(await admin.listTopics());
    const found = topics.filter((topic) => present.has(client.nameOf(topic)));
    if (found.length === 0) return [];
    const names = found.map((topic) => client.nameOf(topic));
    const [metadata, configs] = [
      await admin.fetchTopicMetadata({ topics: names }),
      await configsOf(admin, names),
    ];
    const partitions = new Map(metadata.topics.map((one) => [one.name, one.partitions.length]));
    return found.map((topic) => {
      const name = client.nameOf(topic);
      return { topic, partitions: partitions.get(name) ?? 0, config: configs.get(name) ?? {} };
    });
  });

async function configsOf(admin: Admin, names: string[]): Promise<Map<string, Record<string, string>>> {
  const { resources } = await admin.describeConfigs({
    resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
    includeSynonyms: false,
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.filter(isOwn).map((entry) => [entry.configName, entry.configValue])),
    ]),
  );
}

const isOwn = ({ configSource }: ConfigEntries): boolean => configSource === ConfigSource.TOPIC_CONFIG;

/**
 * Makes the changes, and waits until the broker shows them: KRaft answers before every broker knows of them. Partitions come
 * first, so that a topic that cannot grow keeps its settings.
 * @throws AppError `topics-not-changed` when they do not show within ten seconds
 */
export async function changeTopics(client: KafkaClient, changes: readonly TopicChange[]): Promise<void> {
  await withAdmin(client, async (admin) => {
    const topicPartitions = changes.flatMap(({ topic, partitions }) =>
      partitions === undefined ? [] : [{ topic: client.nameOf(topic), count: partitions }],
    );
    if (topicPartitions.length > 0) await admin.createPartitions({ topicPartitions });
    const resources = changes.flatMap(({ topic, config }) =>
      config === undefined
        ? []
        : [{ type: ConfigResourceTypes.TOPIC, name: client.nameOf(topic), configEntries: entriesOf(config) }],
    );
    if (resources.length > 0) await admin.alterConfigs({ validateOnly: false, resources });
  });
  const topics = changes.map(({ topic }) => topic);
  for (let attempt = 0; attempt < SHOWN_LOOKS; attempt += 1) {
    const present = new Map((await describeTopics(client, topics)).map((one) => [one.topic, one]));
    if (changes.every((change) => isShown(change, present.get(change.topic)))) return;
    await sleep(SHOWN_EVERY_MS);
  }
  throw new AppError('topics-not-changed', `changes do not show yet of all of ${topics.join(', ')}`);
}

const SHOWN_LOOKS = 100;
const SHOWN_EVERY_MS = 100;

const isShown = ({ partitions, config = {} }: TopicChange, found: TopicSettings | undefined): boolean =>
  found !== undefined &&
  (partitions === undefined || partitions === found.partitions) &&
  Object.entries(config).every(([name, value]) => ownOf(found.config, name) === value);

const entriesOf = (config: TopicSettings['config']) =>
  Object.entries(config).map(([name, value]) => ({ name, value }));
