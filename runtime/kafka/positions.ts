// Where logs end and how far groups have come, asked through one connection that is opened when it is first needed. For those who look on:
// nothing is consumed and nothing is committed.
import type { Admin, KafkaClient, PartitionOffsets } from './client.ts';

/** Committed offsets by partition; partitions of which the group has committed nothing are missing. */
export type Committed = ReadonlyMap<number, number>;

export interface Positions {
  /** The first offset and the end of each partition, by topic. Names are without the platform's prefix. @throws what the client says */
  ends(topics: readonly string[]): Promise<ReadonlyMap<string, readonly PartitionOffsets[]>>;
  /** How far a group has come, by topic; a group that does not exist has come nowhere. @throws what the client says */
  committed(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, Committed>>;
  /** How many read in each group; nobody in one that does not exist. @throws what the client says */
  members(groups: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Ends the connection; the next question opens another. */
  rest(): Promise<void>;
}

export function createPositions(client: KafkaClient): Positions {
  let admin: Promise<Admin> | undefined;
  const connected = (): Promise<Admin> => {
    admin ??= connect(client);
    return admin;
  };
  const leave = async (leaving: Promise<Admin> | undefined): Promise<void> => {
    if (admin === leaving) admin = undefined;
    await leaving?.then((one) => one.disconnect()).catch(() => {});
  };
  /** After a failure the connection may know of leaders that are gone: the next question opens another. */
  const ask = async <Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> => {
    const asked = connected();
    try {
      return await question(await asked);
    } catch (error) {
      await leave(asked);
      throw error;
    }
  };
  return {
    rest: () => leave(admin),
    ends: (topics) =>
      ask(async (one) => {
        const offsets = await Promise.all(topics.map((topic) => one.fetchTopicOffsets(client.nameOf(topic))));
        return new Map(topics.map((topic, at) => [topic, offsets[at]!]));
      }),
    committed: (group, topics) =>
      ask(async (one) => (topics.length === 0 ? new Map() : committedOf(client, one, group, topics))),
    members: (groups) =>
      ask(async (one) => {
        if (groups.length === 0) return new Map();
        const found = await one.describeGroups(groups.map((group) => client.nameOf(group)));
        const counts = new Map(found.groups.map(({ groupId, members }) => [groupId, members.length]));
        return new Map(groups.map((group) => [group, counts.get(client.nameOf(group)) ?? 0]));
      }),
  };
}

async function committedOf(
  client: KafkaClient,
  admin: Admin,
  group: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, Committed>> {
  const names = new Map(topics.map((topic) => [client.nameOf(topic), topic]));
  const found = await admin.fetchOffsets({ groupId: client.nameOf(group), topics: [...names.keys()] });
  return new Map(
    found.map(({ topic, partitions }) => {
      // -1: the group has committed nothing there.
      const written = partitions.filter(({ offset }) => Number(offset) >= 0);
      return [
        names.get(topic)!,
        new Map(written.map(({ partition, offset }) => [partition, Number(offset)])),
      ];
    }),
  );
}

async function connect(client: KafkaClient): Promise<Admin> {
  const admin = client.kafka.admin();
  await admin.connect();
  return admin;
}
