// The rules of `domain.ts` and `recovery.ts` in a world that does everything to them: events in any order and twice, calls that get
// lost on either way, crashes between any two steps, news of the provider at any time.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ChargeAnswer, type Command, decide, evolve, type Fact, type OrderMoney } from './domain.ts';
import { afterUnheard, stepOf } from './recovery.ts';

const request = {
  paymentId: 'pay_1',
  orderId: 'order-1',
  userId: 'user-1',
  amount: { amountMinor: 1_250, currency: 'EUR' },
  paymentMethod: 'pm_ok',
  requestedAtMs: 0,
};

/** A provider that does what it promises: one charge a key, and the same answer again. */
class Bank {
  readonly willPay: boolean;
  answer: ChargeAnswer | undefined;
  chargeCount = 0;
  refundCount = 0;
  /** News not told yet; each may be told again. */
  news: Command[] = [];

  constructor(willPay: boolean) {
    this.willPay = willPay;
  }

  charge(): ChargeAnswer {
    if (this.answer) return this.answer;
    if (this.willPay) this.chargeCount += 1;
    this.answer = this.willPay
      ? { kind: 'succeeded', providerRef: 'ref-1' }
      : { kind: 'failed', reason: 'declined' };
    this.news.push({ kind: 'accept-answer', answer: this.answer });
    return this.answer;
  }

  refund(): void {
    if (this.refundCount === 0) this.refundCount = 1;
  }
}

/** One order, its payment service, and the calls that are on their way. */
class World {
  state: OrderMoney = { isOrderCancelled: false };
  attempt = 0;
  readonly facts: Fact[] = [];
  /** Calls of any age that have not reached the bank. */
  calls: ('charge' | 'refund')[] = [];
  readonly bank: Bank;

  constructor(willPay: boolean) {
    this.bank = new Bank(willPay);
  }

  /** As the store does: decide, evolve, and a new status counts its attempts anew, but for the charge. */
  do(command: Command): void {
    const decision = decide(command, this.state);
    if (decision.kind === 'refused' && command.kind !== 'accept-answer') throw new Error(decision.because);
    if (decision.kind !== 'accepted') return;
    for (const fact of decision.facts) {
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
    if (step === 'charge' || step === 'refund') this.calls.push(step);
    if (step !== 'look-up') return;
    if (this.bank.answer) return this.do({ kind: 'accept-answer', answer: this.bank.answer });
    const next = afterUnheard(this.state, this.attempt, 0);
    if (next.kind === 'charge') this.calls.push('charge');
    if (next.kind === 'give-up') {
      this.do({ kind: 'accept-answer', answer: { kind: 'failed', reason: next.reason } });
    }
  }

  /** The oldest call reaches the bank; its answer may get lost. */
  arrive(isAnswered: boolean): void {
    const call = this.calls.shift();
    if (call === 'charge') {
      const answer = this.bank.charge();
      if (isAnswered) this.do({ kind: 'accept-answer', answer });
    } else if (call === 'refund') {
      this.bank.refund();
      if (isAnswered && this.state.payment?.status === 'refunding') this.do({ kind: 'accept-refund' });
    }
  }

  tell(isToldAgain: boolean): void {
    const news = isToldAgain ? this.bank.news[0] : this.bank.news.shift();
    if (news) this.do(news);
  }

  /** Everything that is repeated until it is done, gets done. */
  settle(): void {
    for (let round = 0; round < 40; round += 1) {
      while (this.calls.length > 0) this.arrive(true);
      while (this.bank.news.length > 0) this.tell(false);
      this.step();
    }
  }

  count = (kind: Fact['kind']): number => this.facts.filter((fact) => fact.kind === kind).length;
}

const ACTIONS: Readonly<Record<string, (world: World) => void>> = {
  request: (world) => world.do({ kind: 'request', request }),
  cancel: (world) => world.do({ kind: 'note-cancellation' }),
  step: (world) => world.step(),
  // So many that we give up while a call is still under way, against all odds.
  'be patient': (world) => {
    for (let step = 0; step < 6; step += 1) world.step();
  },
  arrive: (world) => world.arrive(true),
  'arrive and lose the answer': (world) => world.arrive(false),
  'lose the call': (world) => void world.calls.shift(),
  tell: (world) => world.tell(false),
  'tell and tell again': (world) => world.tell(true),
};

function run(willPay: boolean, names: readonly string[]): World {
  const world = new World(willPay);
  for (const name of names) ACTIONS[name]?.(world);
  world.settle();
  return world;
}

const histories = fc.array(fc.constantFrom(...Object.keys(ACTIONS)), { maxLength: 40 });
const anything = (check: (world: World) => void): void => {
  fc.assert(
    fc.property(fc.boolean(), histories, (willPay, names) => check(run(willPay, names))),
    { numRuns: 3_000 },
  );
};

describe('whatever happens, and in which order', () => {
  it('an order is charged at most once, and refunded at most once', () => {
    anything(({ bank }) => {
      expect(bank.chargeCount).toBeLessThanOrEqual(1);
      expect(bank.refundCount).toBeLessThanOrEqual(bank.chargeCount);
    });
  });

  it('money stays if, and only if, the payment succeeded and the order was not cancelled', () => {
    anything(({ bank, state, count }) => {
      if (bank.chargeCount === 0) return;
      const isKept = count('charged') === 1 && !state.isOrderCancelled;
      expect(bank.refundCount).toBe(isKept ? 0 : 1);
      expect(state.payment?.status).toBe(isKept ? 'succeeded' : 'refunded');
    });
  });

  it('every request is answered in the end: it succeeded or it failed, once and not both', () => {
    anything(({ state, count }) => {
      expect(count('charged') + count('charge-failed')).toBe(state.payment ? 1 : 0);
      expect(count('refunded')).toBeLessThanOrEqual(1);
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
        ends.add(`${state.payment?.status ?? 'none'}${count('charged-late') ? ' late' : ''}`);
      }),
      { numRuns: 3_000, seed: 7 },
    );
    expect([...ends].toSorted()).toEqual(['failed', 'none', 'refunded', 'refunded late', 'succeeded']);
  });
});
