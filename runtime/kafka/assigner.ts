// Which member of a group reads which partitions. kafkajs's own assigner deals every partition to every member; ours gives a
// topic's partitions only to members that read the topic, so that one group can serve while a new version, which reads one
// topic more, takes the place of the old one.
import { AssignerProtocol, type Cluster, type PartitionAssigner, PartitionAssigners } from 'kafkajs';
import { messageOf } from '../errors.ts';

/** A member and the topics it reads. */
export interface GroupMember {
  readonly id: string;
  readonly topics: readonly string[];
}

/** Partition numbers by topic. */
export type Assignment = Record<string, number[]>;

/** The protocol's name: members of a group must agree on it. */
const NAME = 'shop-readers';
const VERSION = 0;

/**
 * Deals every partition to one of the members that read its topic: always the one that has the fewest so far, the first by
 * its id among equals. The same members and topics give the same outcome, in whatever order they come.
 * @param partitions partition numbers by topic; topics that no member reads are left out
 */
export function dealPartitions(
  members: readonly GroupMember[],
  partitions: ReadonlyMap<string, readonly number[]>,
): Map<string, Assignment> {
  const sorted = members.toSorted((a, b) => compare(a.id, b.id));
  const dealt = new Map(sorted.map(({ id }) => [id, { count: 0, topics: new Map<string, number[]>() }]));
  for (const topic of [...partitions.keys()].toSorted(compare)) {
    const readers = sorted.filter(({ topics }) => topics.includes(topic)).map(({ id }) => dealt.get(id)!);
    for (const partition of partitions.get(topic)!.toSorted((a, b) => a - b)) {
      // Within the topic first: its partitions are read side by side only when they lie with different members.
      const reader = readers.toSorted((a, b) => held(a, topic) - held(b, topic) || a.count - b.count)[0];
      if (!reader) continue;
      reader.topics.set(topic, [...(reader.topics.get(topic) ?? []), partition]);
      reader.count += 1;
    }
  }
  return new Map([...dealt].map(([id, { topics }]) => [id, assignmentOf(topics)]));
}

/** Without a prototype: a topic may have the name of an object's own parts. */
const assignmentOf = (topics: ReadonlyMap<string, number[]>): Assignment =>
  Object.assign(Object.create(null) as Assignment, Object.fromEntries(topics));
const held = (reader: { topics: ReadonlyMap<string, number[]> }, topic: string): number =>
  reader.topics.get(topic)?.length ?? 0;
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** The assigner, as kafkajs wants it: the group's leader deals for all. */
const readersAssigner: PartitionAssigner = ({ cluster, logger }) => ({
  name: NAME,
  version: VERSION,
  protocol: ({ topics }) => ({
    name: NAME,
    metadata: AssignerProtocol.MemberMetadata.encode({
      version: VERSION,
      topics: [...topics],
      userData: Buffer.alloc(0),
    }),
  }),
  assign: async ({ members }) => {
    const readers = members.map(({ memberId, memberMetadata }) => ({
      id: memberId,
      topics: AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? [],
    }));
    const partitions = new Map<string, number[]>();
    for (const topic of new Set(readers.flatMap(({ topics }) => topics))) {
      partitions.set(topic, await partitionsOf(cluster, topic, logger));
    }
    return [...dealPartitions(readers, partitions)].map(([memberId, dealt]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment: dealt,
        userData: Buffer.alloc(0),
      }),
    }));
  },
});

/** None where this leader may not see the topic, or it is gone: that topic's trouble is not the others'. */
async function partitionsOf(
  cluster: Cluster,
  topic: string,
  logger: Parameters<PartitionAssigner>[0]['logger'],
): Promise<number[]> {
  try {
    // Other members may read topics that this one does not.
    await cluster.addTargetTopic(topic);
    return cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  } catch (error) {
    logger.warn('topic not dealt to the group', { topic, error: messageOf(error) });
    return [];
  }
}

/** What a member offers, best first. The second is for members of version 0.1, which know no other. */
export const ASSIGNERS: PartitionAssigner[] = [readersAssigner, PartitionAssigners.roundRobin];
