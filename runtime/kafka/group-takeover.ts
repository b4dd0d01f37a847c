// Where former groups stood, written once as the offsets of the group that reads their topics now. At least once: what a former
// group still works on while it is replaced comes again to the new one, and inboxes drop it.
import { AppError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type KafkaClient, withAdmin } from './client.ts';
import { clusterFactoryOf } from './cluster.ts';

/** A topic and the group that used to read it. */
export interface FormerReader {
  readonly topic: string;
  readonly group: string;
}

interface Position {
  readonly partition: number;
  readonly offset: string;
}

/** The offset that kafkajs gives for a partition where the group has never written one. */
const NONE = '-1';
/** Kafka protocol guide: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS: the group has members by now. */
const HAS_MEMBERS = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS'];

/**
 * Gives the group the former readers' offsets wherever it has none. Call it before joining: a group with members
 * has been here, and is left as it is.
 */
export async function takeOverOffsets(
  client: KafkaClient,
  group: string,
  former: readonly FormerReader[],
  log: Logger,
): Promise<void> {
  const missing = await withAdmin(client, async (admin) => {
    const offsetsOf = async (of: string, topic: string): Promise<readonly Position[]> => {
      const [found] = await admin.fetchOffsets({
        groupId: client.nameOf(of),
        topics: [client.nameOf(topic)],
      });
      return found?.partitions ?? [];
    };
    const found = former.map(async (one) => {
      const own = new Map((await offsetsOf(group, one.topic)).map((at) => [at.partition, at.offset]));
      const theirs = await offsetsOf(one.group, one.topic);
      const partitions = theirs.filter(
        ({ partition, offset }) => offset !== NONE && (own.get(partition) ?? NONE) === NONE,
      );
      return { topic: one.topic, partitions };
    });
    return (await Promise.all(found)).filter(({ partitions }) => partitions.length > 0);
  });
  if (missing.length === 0) return;
  try {
    await writeOffsets(client, group, missing);
    log.info(
      { group, topics: missing.map(({ topic }) => topic) },
      'positions of the former groups taken over',
    );
  } catch (error) {
    // Another replica was quicker: it has taken them over, and has joined.
    if (!HAS_MEMBERS.includes(String((error as { type?: unknown }).type))) {
      throw new AppError('offsets-not-taken-over', messageOf(error), { group }, error);
    }
  }
}

/** As a client without a membership, which the broker allows while the group has no members. */
async function writeOffsets(
  client: KafkaClient,
  group: string,
  topics: readonly { topic: string; partitions: readonly Position[] }[],
): Promise<void> {
  const groupId = client.nameOf(group);
  const cluster = clusterFactoryOf(client.kafka).create({ allowAutoTopicCreation: false });
  await cluster.connect();
  try {
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    await coordinator.offsetCommit({
      groupId,
      groupGenerationId: -1,
      memberId: '',
      topics: topics.map(({ topic, partitions }) => ({
        topic: client.nameOf(topic),
        partitions: partitions.map(({ partition, offset }) => ({ partition, offset })),
      })),
    });
  } finally {
    await cluster.disconnect();
  }
}
