import { describe, expect, it } from '@jest/globals';
import type { Command, OrderMoney, Payment } from './domain.ts';
import { after, describeDecision } from './test-decisions.ts';

const succeeded: Payment = {
  paymentId: 'pay_1',
  orderId: 'order-1',
  userId: 'user-1',
  amount: { amountMinor: 1_250, currency: 'EUR' },
  requestedAtMs: 0,
  status: 'succeeded',
  providerRef: 'ref-1',
  refundedMinor: 0,
  refundCount: 0,
  refunds: [],
};
const paid: OrderMoney = { isOrderCancelled: false, payment: succeeded };
const cancellation: Command = {
  kind: 'note-cancellation',
  userId: succeeded.userId,
  total: succeeded.amount,
};
const TOO_LARGE = '!refund-too-large';

describe('refunds', () => {
  const begin = (refundId: string, amountMinor?: number): Command => ({
    kind: 'begin-refund',
    refundId,
    amountMinor,
  });
  const news = (refundedMinor: number, knownMinor?: number): Command => ({
    kind: 'accept-sum',
    refundedMinor,
    knownMinor,
  });
  const answered = (
    refundId: string,
    refundedMinor: number,
    outcome: 'done' | 'pending' | 'refused' = 'done',
    knownMinor = 0,
  ): Command => ({ kind: 'accept-refund', refundId, outcome, refundedMinor, knownMinor });
  const through = (...commands: Command[]): OrderMoney => commands.reduce(after, paid);
  const seen = ({ payment }: OrderMoney) => [payment?.status, payment?.refundedMinor];

  it('of a part leave the rest, which can be given back too, and no more than that', () => {
    const part = through(begin('a', 400), answered('a', 400));
    expect(seen(part)).toEqual(['succeeded', 400]);
    expect(describeDecision(begin('b', 851), part)).toBe(TOO_LARGE);
    const two = [begin('b', 850), answered('b', 1_250, 'done', 400)].reduce(after, part);
    expect(seen(two)).toEqual(['refunded', 1_250]);
    expect(describeDecision(begin('c', 1), two)).toBe(TOO_LARGE);
  });

  it('made by hand count, so that the refund of all is that of what is left', () => {
    const byHand = through(news(400));
    expect(seen(byHand)).toEqual(['succeeded', 400]);
    const rest = [begin('a'), answered('a', 1_250, 'done', 400)].reduce(after, byHand);
    expect(seen(rest)).toEqual(['refunded', 1_250]);
    expect(rest.payment?.refundCount).toBe(2);
  });

  it.each([0, -1, 0.5, 1_251, Number.NaN])('of %d are refused', (amountMinor) => {
    expect(describeDecision(begin('a', amountMinor), paid)).toBe(TOO_LARGE);
  });

  it('that are open are as good as given', () => {
    const open = through(begin('a', 400), begin('b', 400));
    expect(seen(open)).toEqual(['refunding', 0]);
    expect(describeDecision(begin('c', 451), open)).toBe(TOO_LARGE);
    expect(describeDecision(begin('c', 450), open)).toBe('refund-asked');
    const one = after(open, answered('a', 400));
    expect(seen(one)).toEqual(['refunding', 400]);
    expect(seen(after(one, answered('b', 800, 'done', 400)))).toEqual(['succeeded', 800]);
  });

  it('are one for each wish, however often it is sent and answered', () => {
    const done = through(
      begin('a', 400),
      begin('a', 400),
      answered('a', 400),
      answered('a', 400),
      begin('a', 400),
    );
    expect(seen(done)).toEqual(['succeeded', 400]);
    expect(done.payment?.refunds).toEqual([{ refundId: 'a', amountMinor: 400, state: 'done' }]);
  });

  it('that the provider refuses give nothing, and leave the payment as it was', () => {
    const refusedOne = through(begin('a', 900), answered('a', 400, 'refused'));
    expect(seen(refusedOne)).toEqual(['succeeded', 400]);
    expect(refusedOne.payment?.refunds[0]?.state).toBe('refused');
  });

  it('on their way count, and are not over', () => {
    expect(seen(through(begin('a'), answered('a', 1_250, 'pending')))).toEqual(['refunding', 1_250]);
  });

  it('that arrive late and in any order never lower the sum', () => {
    expect(seen(through(news(1_000), news(400)))).toEqual(['succeeded', 1_000]);
    // Asked when 400 were known, answered when 1,000 are.
    expect(seen(through(news(400), news(1_000), news(400, 400)))).toEqual(['succeeded', 1_000]);
  });

  it('that the bank sends back lower it when we have asked', () => {
    expect(seen(through(news(1_000), news(600, 1_000)))).toEqual(['succeeded', 600]);
    expect(seen(through(news(1_250), news(0, 1_250)))).toEqual(['succeeded', 0]);
  });

  it('that the bank sends back go again where the order is cancelled', () => {
    const given = [cancellation, answered('pay_1/rest/0', 1_250)].reduce(after, paid);
    expect(seen(given)).toEqual(['refunded', 1_250]);
    const back = after(given, news(850, 1_250));
    expect(seen(back)).toEqual(['refunding', 850]);
    expect(seen(after(back, answered('pay_1/rest/1', 1_250, 'done', 850)))).toEqual(['refunded', 1_250]);
  });

  it('of a cancelled order are of all, also beside a part that is on its way', () => {
    const both = through(begin('a', 400), cancellation);
    expect(both.payment?.refunds.map(({ amountMinor }) => amountMinor)).toEqual([400, undefined]);
    const end = [answered('a', 400), answered('pay_1/rest/1', 1_250, 'done', 400)].reduce(after, both);
    expect(seen(end)).toEqual(['refunded', 1_250]);
  });

  it('of nothing are done without a booking', () => {
    const free = { ...succeeded, amount: { amountMinor: 0, currency: 'EUR' } };
    const before = { isOrderCancelled: false, payment: free };
    const end = [{ ...cancellation, total: free.amount }, answered('pay_1/rest/0', 0)].reduce(after, before);
    expect(end.payment).toMatchObject({ status: 'refunded', refundedMinor: 0, refundCount: 0 });
  });
});
