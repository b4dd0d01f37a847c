// The rules of `domain.ts` and `recovery.ts` in a world that does everything to them: events in any order and twice, calls that get
// lost on either way, crashes between any two steps, news of the provider at any time.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Command, decide, evolve, type OrderMoney, type PaymentEvent, type Refund } from './domain.ts';
import { afterUnheard, stepOf } from './recovery.ts';
import { AMOUNT, Bank } from './test-bank.ts';

const request = {
  paymentId: 'pay_1',
  orderId: 'order-1',
  userId: 'user-1',
  amount: { amountMinor: AMOUNT, currency: 'EUR' },
  paymentMethod: 'pm_ok',
  requestedAtMs: 0,
};

interface Call {
  readonly kind: 'charge' | 'refund';
  readonly wish?: Refund | undefined;
  readonly knownMinor: number;
}

/** One order, its payment service, and the calls that are on their way. */
class World {
  state: OrderMoney = { isOrderCancelled: false };
  attempt = 0;
  readonly facts: PaymentEvent[] = [];
  /** Calls of any age that have not reached the bank. */
  calls: Call[] = [];
  /** Sums that we asked for, and whose answer we have not taken yet. */
  looks: Command[] = [];
  wishCount = 0;
  readonly bank: Bank;

  constructor(willPay: boolean) {
    this.bank = new Bank(willPay);
  }

  /** As the store does: decide, evolve, and count attempts from 0 for a new status, except for the charge. */
  do(command: Command): void {
    const decision = decide(command, this.state);
    // News that come before what they are about come again; a wish above what is left is the admin's to know.
    const mayBeRefused = ['accept-answer', 'accept-sum', 'begin-refund'].includes(command.kind);
    if (decision.kind === 'impossible' || (decision.kind === 'refused' && !mayBeRefused))
      throw new Error(decision.why);
    if (decision.kind !== 'happened') return;
    for (const fact of decision.events) {
      this.state = evolve(this.state, fact);
      this.facts.push(fact);
      if (this.state.payment?.status !== 'charging') this.attempt = 0;
    }
  }

  /** Takes the step that is due: the call is on its way, or the look-up decides. */
  step(): void {
    if (!this.state.payment) return;
    this.attempt += 1;
    if (this.state.payment.status === 'requested') this.do({ kind: 'begin-charge' });
    const step = stepOf(this.state.payment, this.attempt);
    const { refunds, refundedMinor: knownMinor } = this.state.payment;
    const wish = refunds.find(({ state }) => state === 'open');
    if (step === 'charge' || step === 'refund') this.calls.push({ kind: step, wish, knownMinor });
    if (step !== 'look-up') return;
    if (this.bank.answer) return this.do({ kind: 'accept-answer', answer: this.bank.answer });
    const next = afterUnheard(this.state, this.attempt, 0);
    if (next.kind === 'charge') this.calls.push({ kind: 'charge', knownMinor });
    if (next.kind === 'give-up') {
      this.do({ kind: 'accept-answer', answer: { kind: 'failed', reason: next.reason } });
    }
  }

  /** The oldest call reaches the bank; its answer may get lost. */
  arrive(isAnswered: boolean): void {
    const call = this.calls.shift();
    if (call?.kind === 'charge') {
      const answer = this.bank.charge();
      if (isAnswered) this.do({ kind: 'accept-answer', answer });
    } else if (call?.wish) {
      const { refundId, amountMinor } = call.wish;
      const answer = this.bank.refund(refundId, amountMinor);
      const { knownMinor } = call;
      if (isAnswered) this.do({ kind: 'accept-refund', refundId, knownMinor, ...answer });
    }
  }

  /** An admin's wish, each with an id of its own; the same again is no new one. */
  wish(amountMinor?: number): void {
    if (!this.state.payment) return;
    this.wishCount += 1;
    const command = { kind: 'begin-refund', refundId: `wish-${this.wishCount}`, amountMinor } as const;
    this.do(command);
    this.do(command);
  }

  /** Asks the bank for the sum; the answer is taken later, whatever happens in between. */
  look(): void {
    const knownMinor = this.state.payment?.refundedMinor;
    if (this.bank.chargeCount === 0 || knownMinor === undefined) return;
    this.looks.push({ kind: 'accept-sum', refundedMinor: this.bank.refundedMinor, knownMinor });
  }

  deliverNews(isRepeated: boolean): void {
    const news = isRepeated ? this.bank.news[0] : this.bank.news.shift();
    if (news) this.do(news);
  }

  /** Everything that is repeated until it is done, gets done. */
  settle(): void {
    for (let round = 0; round < 40; round += 1) {
      while (this.calls.length > 0) this.arrive(true);
      while (this.bank.news.length > 0) this.deliverNews(false);
      while (this.looks.length > 0) this.do(this.looks.shift()!);
      this.step();
      // As the news of a refund that failed make us do.
      this.look();
    }
  }

  count = (kind: PaymentEvent['kind']): number => this.facts.filter((fact) => fact.kind === kind).length;
}

const ACTIONS: Readonly<Record<string, (world: World) => void>> = {
  request: (world) => world.do({ kind: 'request', request }),
  cancel: (world) => world.do({ kind: 'note-cancellation', userId: request.userId, total: request.amount }),
  step: (world) => world.step(),
  // So many that we give up while a call is still under way, against all odds.
  'be patient': (world) => {
    for (let step = 0; step < 6; step += 1) world.step();
  },
  arrive: (world) => world.arrive(true),
  'arrive and lose the answer': (world) => world.arrive(false),
  'lose the call': (world) => void world.calls.shift(),
  'give a part back by hand': ({ bank }) => bank.refundByHand(400),
  'give much back by hand': ({ bank }) => bank.refundByHand(1_000),
  'wish for a part': (world) => world.wish(300),
  'wish for all': (world) => world.wish(),
  'send a refund back': ({ bank }) => bank.failLast(),
  look: (world) => world.look(),
  'take a sum': (world) => {
    const sum = world.looks.shift();
    if (sum) world.do(sum);
  },
  'deliver news': (world) => world.deliverNews(false),
  'deliver news, and again later': (world) => world.deliverNews(true),
};

function run(willPay: boolean, names: readonly string[]): World {
  const world = new World(willPay);
  for (const name of names) ACTIONS[name]?.(world);
  world.settle();
  return world;
}

const bookedBy = (fact: PaymentEvent): number =>
  fact.kind === 'refunded' ? fact.amountMinor : fact.kind === 'refund-failed' ? -fact.amountMinor : 0;

const histories = fc.array(fc.constantFrom(...Object.keys(ACTIONS)), { maxLength: 40 });
const anything = (check: (world: World) => void): void => {
  fc.assert(
    fc.property(fc.boolean(), histories, (willPay, names) => check(run(willPay, names))),
    { numRuns: 3_000 },
  );
};

describe('whatever happens, and in which order', () => {
  it('an order is charged at most once, and never more goes back than was charged', () => {
    anything(({ bank }) => {
      expect(bank.chargeCount).toBeLessThanOrEqual(1);
      expect(bank.refundedMinor).toBeLessThanOrEqual(bank.chargeCount * AMOUNT);
    });
  });

  it('each wish is given back once at most', () => {
    anything(({ bank }) => {
      const standing = bank.refunds.filter((one) => !one.hasFailed && one.refundId !== 'by-hand');
      expect(new Set(standing.map(({ refundId }) => refundId)).size).toBe(standing.length);
    });
  });

  it('what the books say has gone back is what the provider gave back', () => {
    anything(({ bank, state, facts }) => {
      if (state.payment?.status === undefined) return;
      expect(state.payment.refundedMinor).toBe(bank.refundedMinor);
      const booked = facts.reduce((sum, fact) => sum + bookedBy(fact), 0);
      expect(booked).toBe(bank.refundedMinor);
    });
  });

  it('money that came for nothing, or for a cancelled order, is all back', () => {
    anything(({ bank, state, count }) => {
      if (bank.chargeCount === 0) return;
      const isOwed = count('charged') === 0 || state.isOrderCancelled;
      // When the bank returns the refund of a late charge, an admin must refund it: no cancellation does.
      const isSentBack = bank.refunds.some(({ hasFailed }) => hasFailed);
      if (isOwed && (state.isOrderCancelled || !isSentBack)) {
        expect(bank.refundedMinor).toBe(AMOUNT);
        expect(state.payment?.status).toBe('refunded');
      }
    });
  });

  it('all of it stays when no refund was wanted', () => {
    fc.assert(
      fc.property(histories, (names) => {
        const wanted = /cancel|wish|by hand/;
        const { bank, state, count } = run(
          true,
          names.filter((name) => !wanted.test(name)),
        );
        if (count('charged') === 1)
          expect([bank.refundedMinor, state.payment?.status]).toEqual([0, 'succeeded']);
      }),
    );
  });

  it('every request is answered in the end: it succeeded or it failed, once and not both', () => {
    anything(({ state, count }) => {
      expect(count('charged') + count('charge-failed')).toBe(state.payment ? 1 : 0);
    });
  });

  it('nothing is charged when the cancellation came before the request', () => {
    fc.assert(
      fc.property(histories, (names) => {
        const { bank, state } = run(true, ['cancel', 'request', ...names]);
        expect(bank.chargeCount).toBe(0);
        expect(state.payment?.failureReason).toBe('order-cancelled');
      }),
    );
  });

  it('the histories reach every way that a payment can end', () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(fc.boolean(), histories, (willPay, names) => {
        const { state, count } = run(willPay, names);
        const { status = 'none', refundedMinor = 0 } = state.payment ?? {};
        const isPart = status === 'succeeded' && refundedMinor > 0;
        ends.add(`${status}${isPart ? ' in part' : ''}${count('charged-late') ? ' late' : ''}`);
      }),
      { numRuns: 3_000, seed: 7 },
    );
    expect([...ends].toSorted()).toEqual([
      'failed',
      'none',
      'refunded',
      'refunded late',
      'succeeded',
      'succeeded in part',
    ]);
  });
});
