import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CancellationReason } from '#contracts/orders.ts';
import { type Command, type Decision, decide, evolve, type Order, type OrderEvent } from './domain.ts';
import { type CommandType, OUTCOMES, type Outcome, type Stage } from './transitions.ts';

const at = '2026-03-01T10:00:00.000Z';
const facts = { orderId: 'o1', userId: 'u1' };
const total = { amountMinor: 1_998, currency: 'EUR' };
const lines = [{ productId: 'p1', quantity: 2, unitPriceMinor: 999 }];
const payment = { paymentId: 'pay1', isOfOrder: true, userId: 'u1' };
const secondPayment: Command = { type: 'paymentSucceeded', at, ...payment, paymentId: 'pay2', amount: total };

const COMMANDS: Readonly<Record<CommandType, Command>> = {
  place: { type: 'place', at, ...facts, lines, total, paymentMethod: 'pm_1' },
  stockReserved: { type: 'stockReserved', at },
  stockRejected: { type: 'stockRejected', at, productId: 'p1' },
  paymentSucceeded: { type: 'paymentSucceeded', at, ...payment, amount: total },
  paymentFailed: { type: 'paymentFailed', at, ...payment },
  expire: { type: 'expire', at },
  cancelByCustomer: { type: 'cancelByCustomer', at },
};

/** Histories by their commands: each way to each stage. */
const WAYS = {
  'no order': [],
  placed: ['place'],
  reserved: ['place', 'stockReserved'],
  confirmed: ['place', 'stockReserved', 'paymentSucceeded'],
  'rejected for stock': ['place', 'stockRejected'],
  'failed to pay': ['place', 'stockReserved', 'paymentFailed'],
  'expired while placed': ['place', 'expire'],
  'expired while reserved': ['place', 'stockReserved', 'expire'],
  'cancelled while placed': ['place', 'cancelByCustomer'],
  'cancelled while reserved': ['place', 'stockReserved', 'cancelByCustomer'],
} as const satisfies Record<string, readonly CommandType[]>;
type Way = keyof typeof WAYS;

/** The rules, written apart from the table that they are held against: outcome, and reason where it cancels. */
const RULES: Readonly<Record<Way, Readonly<Record<CommandType, Outcome | CancellationReason>>>> = {
  'no order': rule(
    'placed',
    'unknown-order',
    'unknown-order',
    'unknown-order',
    'unknown-order',
    'unknown-order',
    'unknown-order',
  ),
  placed: rule(
    'duplicate',
    'paymentRequested',
    'stock-rejected',
    'payment-never-requested',
    'payment-never-requested',
    'expired',
    'by-customer',
  ),
  reserved: rule(
    'duplicate',
    'duplicate',
    'contradiction',
    'confirmed',
    'payment-failed',
    'expired',
    'by-customer',
  ),
  confirmed: rule('duplicate', 'duplicate', 'contradiction', 'duplicate', 'contradiction', 'late', 'late'),
  'rejected for stock': rule(
    'duplicate',
    'contradiction',
    'duplicate',
    'contradiction',
    'late',
    'late',
    'late',
  ),
  'failed to pay': rule('duplicate', 'late', 'late', 'late', 'duplicate', 'late', 'late'),
  'expired while placed': rule('duplicate', 'late', 'late', 'late', 'late', 'duplicate', 'late'),
  'expired while reserved': rule('duplicate', 'late', 'late', 'late', 'late', 'duplicate', 'late'),
  'cancelled while placed': rule('duplicate', 'late', 'late', 'late', 'late', 'late', 'duplicate'),
  'cancelled while reserved': rule('duplicate', 'late', 'late', 'late', 'late', 'late', 'duplicate'),
};

type Result = Outcome | CancellationReason;
function rule(
  place: Result,
  stockReserved: Result,
  stockRejected: Result,
  paymentSucceeded: Result,
  paymentFailed: Result,
  expire: Result,
  cancelByCustomer: Result,
): Record<CommandType, Result> {
  return { place, stockReserved, stockRejected, paymentSucceeded, paymentFailed, expire, cancelByCustomer };
}

const resultOf = (decision: Decision): Result => {
  if (decision.kind !== 'happened') return decision.why;
  const [event] = decision.events;
  return event.type === 'cancelled' ? event.data.reason : event.type;
};

/** Obeys commands one after another; what is ignored or impossible leaves the order as it is. */
function run(commands: readonly Command[]): { order: Order | undefined; events: OrderEvent[] } {
  let order: Order | undefined;
  const events: OrderEvent[] = [];
  for (const command of commands) {
    const decision = decide(command, order);
    if (decision.kind !== 'happened') continue;
    events.push(...decision.events);
    order = evolve(order, decision.events[0]);
  }
  return { order, events };
}

const after = (way: Way): Order | undefined => run(WAYS[way].map((type) => COMMANDS[type])).order;

const pairs = (Object.keys(WAYS) as Way[]).flatMap((way) =>
  (Object.keys(COMMANDS) as CommandType[]).map((type) => [way, type, RULES[way][type]] as const),
);

describe('an order', () => {
  it.each(pairs)('that is "%s", on %s: %s', (way, type, expected) => {
    expect(resultOf(decide(COMMANDS[type], after(way)))).toBe(expected);
  });

  it('has a rule for every command at every stage', () => {
    const stages = new Set<Stage>(pairs.map(([way]) => after(way)?.status ?? 'absent'));
    expect([...stages].toSorted()).toEqual(Object.keys(OUTCOMES).toSorted());
    for (const [stage, outcomes] of Object.entries(OUTCOMES))
      expect([stage, Object.keys(outcomes).toSorted()]).toEqual([stage, Object.keys(COMMANDS).toSorted()]);
  });

  it('refuses a second payment of the same order', () => {
    const second = decide(secondPayment, after('confirmed'));
    expect(second).toEqual({ kind: 'impossible', why: 'second-payment' });
  });

  const paid = { type: 'paymentSucceeded', at, ...payment, amount: total } as const;
  const failed = { type: 'paymentFailed', at, ...payment } as const;
  it.each<[Command, string]>([
    [{ ...paid, amount: { ...total, amountMinor: 1_997 } }, 'other-amount'],
    [{ ...paid, amount: { ...total, amountMinor: 0 } }, 'other-amount'],
    [{ ...paid, amount: { ...total, currency: 'JPY' } }, 'other-amount'],
    [{ ...paid, userId: 'u2' }, 'other-customer'],
    [{ ...paid, isOfOrder: false }, 'other-payment'],
    [{ ...failed, userId: 'u2' }, 'other-customer'],
    [{ ...failed, isOfOrder: false }, 'other-payment'],
    [{ type: 'stockRejected', at, productId: 'p2' }, 'other-product'],
  ])('takes no answer that is about something else, at no stage: %j', (command, why) => {
    for (const way of Object.keys(WAYS) as Way[]) {
      const decision = decide(command, after(way));
      expect(decision).toEqual({ kind: 'impossible', why: way === 'no order' ? 'unknown-order' : why });
    }
  });

  it('publishes by the contracts', () => {
    expect(run([COMMANDS.place, COMMANDS.stockReserved, COMMANDS.paymentSucceeded]).events).toEqual([
      { type: 'placed', at, data: { ...facts, lines, total }, paymentMethod: 'pm_1' },
      { type: 'paymentRequested', at, data: { ...facts, amount: total, paymentMethod: 'pm_1' } },
      { type: 'confirmed', at, data: { ...facts, paymentId: 'pay1', total } },
    ]);
    expect(run([COMMANDS.place, COMMANDS.expire]).events.at(-1)).toEqual({
      type: 'cancelled',
      at,
      data: { ...facts, reason: 'expired', total },
    });
  });

  it('forgets the payment method as soon as the payment is asked for', () => {
    for (const way of Object.keys(WAYS) as Way[])
      expect([way, after(way)?.paymentMethod]).toEqual([way, way === 'placed' ? 'pm_1' : undefined]);
  });

  it('keeps each transition with its time and the reason of a cancellation', () => {
    expect(after('failed to pay')?.history).toEqual([
      { status: 'placed', at },
      { status: 'reserved', at },
      { status: 'cancelled', at, reason: 'payment-failed' },
    ]);
  });
});

describe('whatever comes, in whatever order and however often', () => {
  const anyCommand = fc.oneof(fc.constantFrom(...Object.values(COMMANDS)), fc.constant(secondPayment));
  const sequences = fc
    .array(anyCommand, { maxLength: 12 })
    .chain((commands) => fc.shuffledSubarray([...commands, ...commands], { minLength: commands.length }));

  it('an order ends once at most, and each event happens once at most', () => {
    fc.assert(
      fc.property(sequences, (commands) => {
        const { order, events } = run(commands);
        const types = events.map(({ type }) => type);
        expect(new Set(types).size).toBe(types.length);
        expect(types.filter((type) => type === 'confirmed' || type === 'cancelled').length).toBeLessThan(2);
        expect(order?.history.length ?? 0).toBe(events.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('an order is confirmed only after its payment was asked for', () => {
    fc.assert(
      fc.property(sequences, (commands) => {
        const types = run(commands).events.map(({ type }) => type);
        if (types.includes('confirmed')) expect(types).toEqual(['placed', 'paymentRequested', 'confirmed']);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a command that comes again at once changes nothing', () => {
    fc.assert(
      fc.property(sequences, (commands) => {
        const twice = commands.flatMap((command) => [command, command]);
        expect(run(twice)).toEqual(run(commands));
      }),
    );
  });
});
