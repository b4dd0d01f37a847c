// The environment in, the function out that gives the cluster the topics of the contracts. Terraform calls it at every change.
// Guarantee: called again it changes nothing; it deletes nothing; a plan that it may not carry out is refused whole.
import { type TopicSettings, topicSettings } from '#contracts/topics.ts';
import { loadConfig, wholeNumber } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';
import { createKafka, createTopics, kafkaConfig } from '#runtime/kafka/client.ts';
import { changeTopics, describeTopics } from '#runtime/kafka/topics.ts';
import { createLogger, logConfig } from '#runtime/log.ts';
import { planTopics } from './plan.ts';

export const handlerConfig = {
  ...logConfig,
  ...kafkaConfig,
  KAFKA_REPLICATION_FACTOR: wholeNumber(1, 15)
    .default(3)
    .describe('copies of each partition of a topic that is made; a topic that is there keeps its own'),
};

/** Names of topics, by what became of them. */
export interface TopicsReport {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Wires the function to the cluster that the environment names. It connects at each call and stays connected to nothing.
 * @throws AppError `config-invalid` listing every faulty variable
 */
export function createHandler(
  env: Readonly<Record<string, string | undefined>>,
  wanted: readonly TopicSettings[] = topicSettings(),
): (event?: unknown) => Promise<TopicsReport> {
  const config = loadConfig(handlerConfig, env);
  const log = createLogger('kafka-topics', config.LOG_LEVEL);
  const client = createKafka(config, 'kafka-topics', log);
  return async () => {
    const present = await describeTopics(
      client,
      wanted.map(({ topic }) => topic),
    );
    const { create, change, unchanged, refusals } = planTopics(wanted, present);
    if (refusals.length > 0) throw new AppError('topics-refused', refusals.join('\n'), { refusals });
    const created = await createTopics(client, create, config.KAFKA_REPLICATION_FACTOR);
    if (change.length > 0) await changeTopics(client, change);
    const report = { created, changed: change.map(({ topic }) => topic), unchanged };
    log.info(report, 'topics are as the contracts say');
    return report;
  };
}
