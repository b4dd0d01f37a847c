// Commands in, orders and their events out. State, history, outbox and inbox change in one transaction under the order's
// row lock: of commands that come at once, each is decided on what the others left.

import { RefusedEvent } from '#runtime/errors.ts';
import { takeOnce } from '#runtime/outbox/inbox.ts';
import { inTransaction, type Pool, type PoolClient } from '#runtime/postgres/database.ts';
import { changedMeanwhile, isMatch } from '#runtime/versions.ts';
import {
  type Circumstances,
  type Command,
  type Decision,
  decide,
  evolve,
  type Order,
  type Orders,
} from './domain.ts';
import {
  findOrder,
  insertOrder,
  listOrders,
  lockOrder,
  lockOverdueOrders,
  saveEvent,
  updateOrder,
} from './store.ts';

export interface SagaOptions {
  readonly pool: Pool;
  readonly schema: string;
  /** Told of each decision once it is saved, and of each that is refused as impossible. */
  readonly onDecision: (type: Command['type'], decision: Decision, after: Order | undefined) => void;
}

interface Decided {
  readonly decision: Decision;
  /** As it is after the decision. */
  readonly order: Order | undefined;
}

/** The orders of the shop. */
export function createOrders({ pool, schema, onDecision }: SagaOptions): Orders {
  return {
    find: (orderId) => findOrder(pool, orderId),
    list: (query) => listOrders(pool, query),
    change: async (orderId, command, circumstances = {}) => {
      const { decision, order } = await inTransaction(pool, async (client) => {
        const decided = await decideOnce(client, schema, orderId, command, circumstances);
        // Thrown inside, so that the event's mark in the inbox goes as well: it may be replayed.
        if (decided.decision.kind === 'impossible') {
          onDecision(command.type, decided.decision, decided.order);
          throw impossible(orderId, command.type, decided.decision.why);
        }
        return decided;
      });
      onDecision(command.type, decision, order);
      return order;
    },
    expire: async (placedBefore, at, countMax) => {
      const expired = await inTransaction(pool, async (client) => {
        const overdue = await lockOverdueOrders(client, placedBefore, countMax);
        const decided: Decided[] = [];
        for (const order of overdue) decided.push(await save(client, schema, order, { type: 'expire', at }));
        return decided;
      });
      for (const { decision, order } of expired) onDecision('expire', decision, order);
      return expired.length;
    },
  };
}

const impossible = (orderId: string, command: string, why: string) =>
  new RefusedEvent('order-impossible', `${command} of order ${orderId}: ${why}`, { orderId, command, why });

async function decideOnce(
  client: PoolClient,
  schema: string,
  orderId: string,
  command: Command,
  { taken, versions }: Circumstances,
): Promise<Decided> {
  if (taken && !(await takeOnce(client, schema, taken.group, taken.eventId)))
    return { decision: { kind: 'ignored', why: 'duplicate' }, order: undefined };
  const before = await lockOrder(client, orderId);
  const decided = await save(client, schema, before, command);
  // What is ignored changes nothing, so that the same request may come again.
  if (decided.decision.kind === 'happened' && before && !isMatch(versions, before.history.length))
    throw changedMeanwhile();
  return decided;
}

/** The caller holds the lock of the order's row, if there is one. */
async function save(
  client: PoolClient,
  schema: string,
  before: Order | undefined,
  command: Command,
): Promise<Decided> {
  const decision = decide(command, before);
  if (decision.kind !== 'happened') return { decision, order: before };
  const order = evolve(before, decision.event);
  if (before) {
    await updateOrder(client, order);
  } else if (!(await insertOrder(client, order))) {
    // Placed by another transaction since we looked: now there is a row to wait for.
    return save(client, schema, await lockOrder(client, order.orderId), command);
  }
  await saveEvent(client, schema, decision.event);
  return { decision, order };
}
