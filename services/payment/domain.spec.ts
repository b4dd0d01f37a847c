import { describe, expect, it } from '@jest/globals';
import {
  type Command,
  evolve,
  type OrderMoney,
  type Payment,
  type PaymentEvent,
  type Refund,
  type Status,
  TRANSITIONS,
} from './domain.ts';
import { after, describeDecision } from './test-decisions.ts';

const request = {
  paymentId: 'pay_1',
  orderId: 'order-1',
  userId: 'user-1',
  amount: { amountMinor: 1_250, currency: 'EUR' },
  paymentMethod: 'pm_ok',
  requestedAtMs: 0,
};
const nothingBack = { refundedMinor: 0, refundCount: 0, refunds: [] };
const all = (refundId: string, state: Refund['state']): Refund => ({ refundId, state });
const begun = { ...request, ...nothingBack };
const charged = { ...begun, providerRef: 'ref-1' };
const PAYMENTS: Readonly<Record<Status, Payment>> = {
  requested: { ...begun, status: 'requested' },
  charging: { ...begun, status: 'charging' },
  succeeded: { ...charged, status: 'succeeded' },
  refunding: { ...charged, status: 'refunding', refunds: [all('r-0', 'open')] },
  refunded: {
    ...charged,
    status: 'refunded',
    refundedMinor: 1_250,
    refundCount: 1,
    refunds: [all('r-0', 'done')],
  },
  failed: { ...begun, status: 'failed', failureReason: 'declined' },
};
type StatusOrNone = Status | 'none';
const STATUSES = ['none', ...Object.keys(TRANSITIONS)] as StatusOrNone[];
const stateIn = (status: StatusOrNone, isOrderCancelled = false): OrderMoney => ({
  isOrderCancelled,
  payment: status === 'none' ? undefined : PAYMENTS[status],
});

const COMMANDS = {
  request: { kind: 'request', request },
  'other-request': { kind: 'request', request: { ...request, amount: { amountMinor: 1, currency: 'EUR' } } },
  cancellation: { kind: 'note-cancellation', userId: request.userId, total: request.amount },
  'begin-charge': { kind: 'begin-charge' },
  success: { kind: 'accept-answer', answer: { kind: 'succeeded', providerRef: 'ref-1' } },
  'other-success': { kind: 'accept-answer', answer: { kind: 'succeeded', providerRef: 'ref-2' } },
  failure: { kind: 'accept-answer', answer: { kind: 'failed', reason: 'insufficient-funds' } },
  pending: { kind: 'accept-answer', answer: { kind: 'pending', providerRef: 'ref-1' } },
  'begin-refund': { kind: 'begin-refund', refundId: 'r-1' },
  'begin-part': { kind: 'begin-refund', refundId: 'r-1', amountMinor: 400 },
  refunded: { kind: 'accept-refund', refundId: 'r-0', outcome: 'done', refundedMinor: 1_250, knownMinor: 0 },
  'sum-of-all': { kind: 'accept-sum', refundedMinor: 1_250 },
  'sum-of-part': { kind: 'accept-sum', refundedMinor: 400 },
  'sum-beyond': { kind: 'accept-sum', refundedMinor: 1_251 },
} as const satisfies Record<string, Command>;
type CommandName = keyof typeof COMMANDS;

/** Facts, or why there are none: `-` before a reason to ignore, `!` before one to refuse. */
type Row = Readonly<Record<StatusOrNone, string>>;
const row = (...cells: [string, string, string, string, string, string, string]): Row =>
  Object.fromEntries(STATUSES.map((status, index) => [status, cells[index]])) as Row;

const ANSWERED = '-already-answered';
const BEGUN = '-charge-already-begun';
const GIVEN = '-refund-already-begun';
const ASKED = '-already-requested';
const CONTRADICTS = '!request-contradicts-earlier-one';
const UNKNOWN = '!payment-unknown';
const EARLY = '!answer-without-charge';
const NO_CHARGE = '!refund-without-charge';
const FIXED = '!payment-not-refundable';
const TOO_LARGE = '!refund-too-large';
const KNOWN = '-already-refunded';
const BEYOND = '!refund-exceeds-charge';

/** none, requested, charging, succeeded, refunding, refunded, failed. */
const TABLE: Readonly<Record<CommandName, Row>> = {
  request: row('requested', ASKED, ASKED, ASKED, ASKED, ASKED, ASKED),
  'other-request': row(
    'requested',
    CONTRADICTS,
    CONTRADICTS,
    CONTRADICTS,
    CONTRADICTS,
    CONTRADICTS,
    CONTRADICTS,
  ),
  cancellation: row(
    'order-cancelled',
    'order-cancelled charge-failed',
    'order-cancelled',
    'order-cancelled refund-asked',
    'order-cancelled',
    'order-cancelled',
    'order-cancelled',
  ),
  'begin-charge': row(UNKNOWN, 'charge-begun', BEGUN, BEGUN, BEGUN, BEGUN, BEGUN),
  success: row(
    UNKNOWN,
    EARLY,
    'charged',
    '-already-charged',
    '-already-charged',
    '-already-charged',
    'charged-late',
  ),
  'other-success': row(
    UNKNOWN,
    EARLY,
    'charged',
    '!charged-twice',
    '!charged-twice',
    '!charged-twice',
    'charged-late',
  ),
  failure: row(UNKNOWN, EARLY, 'charge-failed', ANSWERED, ANSWERED, ANSWERED, ANSWERED),
  pending: row(UNKNOWN, EARLY, 'charge-named', ANSWERED, ANSWERED, ANSWERED, ANSWERED),
  'begin-refund': row(UNKNOWN, FIXED, FIXED, 'refund-asked', GIVEN, GIVEN, FIXED),
  'begin-part': row(UNKNOWN, FIXED, FIXED, 'refund-asked', TOO_LARGE, TOO_LARGE, FIXED),
  // A refund that no admin asked for says only what was given back.
  refunded: row(UNKNOWN, NO_CHARGE, NO_CHARGE, 'refunded', 'refunded refund-closed', KNOWN, NO_CHARGE),
  'sum-of-all': row(UNKNOWN, NO_CHARGE, NO_CHARGE, 'refunded', 'refunded', KNOWN, NO_CHARGE),
  'sum-of-part': row(UNKNOWN, NO_CHARGE, NO_CHARGE, 'refunded', 'refunded', '-sum-overtaken', NO_CHARGE),
  'sum-beyond': row(UNKNOWN, NO_CHARGE, NO_CHARGE, BEYOND, BEYOND, BEYOND, NO_CHARGE),
};

describe('every command in every status', () => {
  const cases = Object.entries(TABLE).flatMap(([name, cells]) =>
    STATUSES.map((status) => [name as CommandName, status, cells[status]] as const),
  );
  it.each(cases)('%s with a payment %s: %s', (name, status, expected) => {
    expect(describeDecision(COMMANDS[name], stateIn(status))).toBe(expected);
  });

  it.each(cases)('%s with a payment %s leads to a declared status only', (name, status) => {
    for (const isCancelled of [false, true]) {
      expect(() => after(stateIn(status, isCancelled), COMMANDS[name])).not.toThrow();
    }
  });
});

describe('a cancelled order', () => {
  it('fails a request that comes after it, without a charge', () => {
    expect(describeDecision(COMMANDS.request, stateIn('none', true))).toBe('requested charge-failed');
    expect(after(stateIn('none', true), COMMANDS.request).payment).toMatchObject({
      status: 'failed',
      failureReason: 'order-cancelled',
    });
  });

  it('gives a charge that succeeds after it back at once', () => {
    expect(describeDecision(COMMANDS.success, stateIn('charging', true))).toBe('charged refund-asked');
    expect(after(stateIn('charging', true), COMMANDS.success).payment?.status).toBe('refunding');
  });

  it('keeps the provider’s own reason when the charge fails after it', () => {
    expect(after(stateIn('charging', true), COMMANDS.failure).payment?.failureReason).toBe(
      'insufficient-funds',
    );
  });

  it('is cancelled once', () => {
    for (const status of STATUSES) {
      expect(describeDecision(COMMANDS.cancellation, stateIn(status, true))).toBe('-already-cancelled');
    }
  });
});

describe('a payment', () => {
  it('keeps its means until the charge is settled, and no longer', () => {
    let state = after(stateIn('requested'), COMMANDS['begin-charge']);
    state = after(state, COMMANDS.pending);
    expect(state.payment?.paymentMethod).toBe('pm_ok');
    expect(after(state, COMMANDS.success).payment?.paymentMethod).toBeUndefined();
    expect(after(state, COMMANDS.failure).payment?.paymentMethod).toBeUndefined();
    expect(after(stateIn('requested'), COMMANDS.cancellation).payment?.paymentMethod).toBeUndefined();
  });

  it('takes the provider’s name for it once', () => {
    const named = after(stateIn('charging'), COMMANDS.pending);
    expect(named.payment?.providerRef).toBe('ref-1');
    expect(describeDecision(COMMANDS.pending, named)).toBe('-still-pending');
  });

  it('that failed and was charged after all goes back', () => {
    expect(after(stateIn('failed'), COMMANDS.success).payment).toMatchObject({
      status: 'refunding',
      providerRef: 'ref-1',
    });
  });
});

describe('facts', () => {
  const refund = { refundId: 'r-0', state: 'open' } as const;
  const FACTS: readonly PaymentEvent[] = [
    { kind: 'charge-begun' },
    { kind: 'charged', providerRef: 'ref-1' },
    { kind: 'charged-late', providerRef: 'ref-1', refund },
    { kind: 'charge-failed', failureReason: 'declined' },
    { kind: 'refund-asked', refund },
    { kind: 'refund-closed', refundId: 'r-0', state: 'refused' },
    { kind: 'refunded', amountMinor: 1_250 },
    { kind: 'refund-failed', amountMinor: 1_250 },
  ];
  // Whose last refund is booked, and not closed yet.
  const booked: Payment = { ...PAYMENTS.refunding, refundedMinor: 1_250 };
  const reachedFrom = (payment: Payment): (Status | undefined)[] =>
    FACTS.flatMap((fact) => {
      try {
        return [evolve({ isOrderCancelled: false, payment }, fact).payment?.status];
      } catch {
        return [];
      }
    });

  it('that are no declared transition are an error, from every status', () => {
    for (const status of Object.keys(TRANSITIONS) as Status[]) {
      const allowed: readonly string[] = TRANSITIONS[status];
      const reached = [PAYMENTS[status], ...(status === 'refunding' ? [booked] : [])]
        .flatMap(reachedFrom)
        .filter((one) => one !== status);
      expect(reached.every((one) => one && allowed.includes(one))).toBe(true);
      expect(new Set(reached)).toEqual(new Set(allowed));
    }
  });

  it.each(['refund-asked', 'refunded', 'refund-failed', 'refund-closed'])(
    '%s happens to no uncharged payment',
    (kind) => {
      const fact = FACTS.find((one) => one.kind === kind)!;
      for (const status of ['requested', 'charging', 'failed'] as const)
        expect(() => evolve(stateIn(status), fact)).toThrow('cannot happen');
    },
  );
});
