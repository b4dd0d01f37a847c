// The checkout by the services' own decisions, in random order of steps: records are repeated, topics overtake each other, answers come
// late, orders expire or are cancelled in between.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type OrderPlan, type Sabotage, ShopWorld } from './shop-world.ts';

const ON_HAND = 7;
const STEPS_MAX = 400;

const plans = fc
  .array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 4 }),
      fate: fc.constantFrom<OrderPlan['fate']>('succeeds', 'succeeds', 'declines', 'succeeds-late'),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((orders) => orders.map((one, at): OrderPlan => ({ orderId: `o${at}`, ...one })));

/** Each number chooses one of the steps that are possible at that moment. */
const choices = fc.array(fc.nat(), { minLength: 20, maxLength: STEPS_MAX });

/** Makes the chosen steps, then finishes: everything that can be delivered is, and unpaid orders expire. */
function live(orders: readonly OrderPlan[], steps: readonly number[], sabotage: Sabotage = {}): ShopWorld {
  const world = new ShopWorld(orders, ON_HAND, sabotage);
  const look = (): void => {
    // At every step, and not only at the end.
    expect(world.warehouse.shelf.reserved).toBeGreaterThanOrEqual(0);
    expect(world.warehouse.shelf.onHand).toBeGreaterThanOrEqual(world.warehouse.shelf.reserved);
  };
  for (const { orderId } of orders) world.place(orderId);
  for (const choice of steps) {
    const actions = [
      ...world.bus.ready().map((lane) => () => world.bus.deliver(lane)),
      ...world.payable().map((orderId) => () => world.work(orderId)),
      ...world.bus.read().map((lane) => () => world.bus.rewind(lane, 1 + (choice % 2))),
      ...orders.flatMap(({ orderId }) => [
        () => (choice % 7 === 0 ? world.expire(orderId) : undefined),
        () => (choice % 11 === 0 ? world.cancel(orderId) : undefined),
        () => world.chargeLate(orderId),
      ]),
    ];
    actions[choice % actions.length]!();
    look();
  }
  drain(world);
  for (const { orderId } of orders) world.expire(orderId);
  drain(world);
  for (const { orderId } of orders) world.chargeLate(orderId);
  drain(world);
  look();
  return world;
}

function drain(world: ShopWorld): void {
  for (let left = 10_000; left > 0; left -= 1) {
    const [lane] = world.bus.ready();
    const [orderId] = world.payable();
    if (lane) world.bus.deliver(lane);
    else if (orderId) world.work(orderId);
    else return;
  }
  throw new Error('the shop never comes to rest');
}

function holds(world: ShopWorld, orders: readonly OrderPlan[]): void {
  const sold = orders
    .filter(({ orderId }) => world.orders.get(orderId)?.status === 'confirmed')
    .reduce((sum, { quantity }) => sum + quantity, 0);
  expect(world.warehouse.shelf).toEqual({ onHand: ON_HAND - sold, reserved: 0 });
  for (const { orderId } of orders) {
    const status = world.orders.get(orderId)!.status;
    const [charged, refunded] = [world.charges.get(orderId) ?? 0, world.refunds.get(orderId) ?? 0];
    expect(['confirmed', 'cancelled']).toContain(status);
    expect(charged).toBeLessThanOrEqual(1);
    expect(charged - refunded).toBe(status === 'confirmed' ? 1 : 0);
  }
  expect(world.impossible).toEqual([]);
}

describe('in any order of steps', () => {
  it('every order ends, a charge is made once and is refunded unless the order is confirmed, and no stock is lost', () => {
    fc.assert(
      fc.property(plans, choices, (orders, steps) => holds(live(orders, steps), orders)),
      { numRuns: 600 },
    );
  });

  it('some orders are confirmed and some are cancelled, so the rule above is tried', () => {
    const seen = new Set<string>();
    for (const [orders, steps] of fc.sample(fc.tuple(plans, choices), { numRuns: 100, seed: 1 }))
      for (const { status } of live(orders, steps).orders.values()) seen.add(status);
    expect(seen).toEqual(new Set(['confirmed', 'cancelled']));
  });
});

describe('negative control: the rule is seen to be broken when', () => {
  it.each<[string, Sabotage]>([
    ['payments are forgotten', { forgetsPayments: true }],
    ['reservations are forgotten', { forgetsReservations: true }],
  ])('%s', (_what, sabotage) => {
    const broken = () =>
      fc.assert(
        fc.property(plans, choices, (orders, steps) => holds(live(orders, steps, sabotage), orders)),
        { numRuns: 600 },
      );
    expect(broken).toThrow();
  });
});
