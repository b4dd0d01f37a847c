// Waits until a shop is at rest: its consumers have read everything, and no order, event or mail is on its way.
import { setTimeout as sleep } from 'node:timers/promises';
import { PROCESSES } from '#contracts/processes.ts';
import type { Topic } from '#contracts/topic.ts';
import { type Admin, topicOffsets, withAdmin } from '#runtime/kafka/client.ts';
import { reconcileOrders } from '../../services/reconcile-orders.ts';
import type { Shop } from './shop.ts';

const LOOK_EVERY_MS = 500;
const REST_MS_MAX = 120_000;
/** An event may move on between the checks of one look, so one look is not enough. */
const LOOKS_AT_REST = 2;

/** The processes of this shop that consume topics. */
export const consumersOf = (shop: Shop) => {
  const names: readonly string[] = shop.names();
  return PROCESSES.filter(({ name, consumes }) => names.includes(name) && consumes.length > 0);
};

/** The topics that they consume. */
export function consumedTopics(shop: Shop): Topic<unknown>[] {
  const topics = consumersOf(shop).flatMap(({ consumes }) => consumes);
  return [...new Map(topics.map((topic) => [topic.name, topic])).values()];
}

/** Waits until the services have read everything and nothing is on its way. @throws what is left when that takes too long */
export async function untilAtRest(shop: Shop): Promise<void> {
  const deadline = performance.now() + REST_MS_MAX;
  await withAdmin(shop.client, async (admin) => {
    for (let looks = 0; looks < LOOKS_AT_REST; ) {
      const left = [...(await unread(shop, admin)), ...(await onTheirWay(shop))];
      looks = left.length === 0 ? looks + 1 : 0;
      if (performance.now() > deadline) throw new Error(`still on its way: ${left.join(', ')}`);
      await sleep(LOOK_EVERY_MS);
    }
  });
}

/** Without the worker, which keeps its positions in Postgres; its own reconciliation waits for it. */
async function unread({ client, names }: Shop, admin: Admin): Promise<string[]> {
  const services = PROCESSES.filter(
    ({ name }) => name !== 'analytics' && (names() as string[]).includes(name),
  );
  const left = services.flatMap(({ name, consumes }) =>
    consumes.map(async (topic) => {
      const named = client.nameOf(topic.name);
      const ends = await topicOffsets(client, topic.name);
      const [read] = await admin.fetchOffsets({ groupId: client.nameOf(name), topics: [named] });
      const positions = new Map(read?.partitions.map((one) => [one.partition, BigInt(one.offset)]));
      const isBehind = ends.some(
        ({ partition, low, high }) => low !== high && (positions.get(partition) ?? -1n) < BigInt(high),
      );
      return isBehind ? [`${topic.name} to ${name}`] : [];
    }),
  );
  return (await Promise.all(left)).flat();
}

/** Without the rules that are not yet true: a forgery breaks them for ever. */
async function onTheirWay(shop: Shop): Promise<string[]> {
  const { pending } = await reconcileOrders(shop.databaseUrl, 0);
  const mails = await shop.query<{ waiting: string }>(
    `SELECT count(*) || ' mails' AS waiting FROM notification.notification WHERE state IN ('pending', 'sending') HAVING count(*) > 0`,
  );
  return [
    ...pending.filter((what) => !what.includes('not yet true: ')),
    ...mails.map(({ waiting }) => waiting),
  ];
}
