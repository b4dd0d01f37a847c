import { describe, expect, it } from '@jest/globals';
import { type BookedPayment, compareBooks } from './differences.ts';
import type { Status } from './domain.ts';
import type { ProviderCharge } from './provider.ts';

const LATER_MS = 1_000;
const amount = { amountMinor: 1_250, currency: 'EUR' };

const booked = (status: Status, changes: Partial<BookedPayment> = {}): BookedPayment => ({
  paymentId: 'pay_1',
  orderId: 'order-1',
  status,
  amount,
  refundedMinor: status === 'refunded' ? 1_250 : 0,
  changedAtMs: 0,
  ledger: {
    charged: ['succeeded', 'refunding', 'refunded'].includes(status) ? 1_250 : 0,
    refunded: status === 'refunded' ? 1_250 : 0,
    balance: 0,
  },
  ...changes,
});
const charge = (status: ProviderCharge['status'], changes: Partial<ProviderCharge> = {}): ProviderCharge => ({
  paymentId: 'pay_1',
  orderId: 'order-1',
  providerRef: 'ref-1',
  amount,
  status,
  refundedMinor: 0,
  ...changes,
});
const differences = (payments: BookedPayment[], charges: ProviderCharge[]): string[] =>
  compareBooks(payments, charges, LATER_MS).differences.map(({ what }) => what);

describe('books that agree', () => {
  it.each([
    ['succeeded', [charge('succeeded')]],
    ['refunded', [charge('succeeded', { refundedMinor: 1_250 })]],
    ['failed', []],
    ['failed', [charge('failed')]],
  ] as const)('%s with the provider’s %j', (status, charges) => {
    expect(differences([booked(status)], [...charges])).toEqual([]);
  });

  it('need no charge of nothing', () => {
    const free = booked('succeeded', {
      amount: { amountMinor: 0, currency: 'EUR' },
      ledger: { charged: 0, refunded: 0, balance: 0 },
    });
    expect(differences([free], [])).toEqual([]);
  });

  it('have no opinion on failed charges that we do not know', () => {
    expect(differences([], [charge('failed')])).toEqual([]);
  });
});

describe('a difference', () => {
  it.each([
    ['succeeded', [], 'it is succeeded, the provider says nothing'],
    ['succeeded', [charge('succeeded', { refundedMinor: 1_250 })], '0 of it went back, by the provider 1250'],
    ['succeeded', [charge('succeeded', { refundedMinor: 400 })], '0 of it went back, by the provider 400'],
    ['refunded', [charge('succeeded', { refundedMinor: 850 })], '1250 of it went back, by the provider 850'],
    ['succeeded', [charge('pending')], 'it is succeeded, the provider says pending'],
    ['refunded', [charge('succeeded')], '1250 of it went back, by the provider 0'],
    ['failed', [charge('succeeded')], 'it is failed, the provider says succeeded'],
    ['charging', [], 'it is charging for too long'],
    ['refunding', [charge('succeeded')], 'it is refunding for too long'],
  ] as const)('is a payment %s with the charges %j', (status, charges, what) => {
    expect(differences([booked(status)], [...charges])).toEqual([what]);
  });

  it('is money that we know nothing of', () => {
    expect(differences([], [charge('succeeded')])).toEqual([
      'the provider says succeeded, we know nothing of it',
    ]);
  });

  it('is a second charge', () => {
    const twice = [charge('succeeded'), charge('succeeded', { providerRef: 'ref-2' })];
    expect(differences([booked('succeeded')], twice)).toEqual(['the provider has 2 charges of it']);
  });

  it('is another amount, or another currency', () => {
    const other = charge('succeeded', { amount: { amountMinor: 1_250, currency: 'USD' } });
    expect(differences([booked('succeeded')], [other])).toEqual([
      'it is over 1250 EUR, the provider’s charge over 1250 USD',
    ]);
  });

  it('is a ledger without its charge, or with entries that do not balance', () => {
    const ledger = { charged: 0, refunded: 0, balance: 5 };
    expect(differences([booked('succeeded', { ledger })], [charge('succeeded')])).toEqual([
      'the ledger has charges of 0 instead of 1250',
      'its ledger entries add up to 5 and not to 0',
    ]);
  });
});

describe('a part that went back', () => {
  const part = (refundedMinor: number, refunded = refundedMinor) =>
    booked('succeeded', { refundedMinor, ledger: { charged: 1_250, refunded, balance: 0 } });

  it('agrees when payment, ledger and provider have the same sum', () => {
    expect(differences([part(400)], [charge('succeeded', { refundedMinor: 400 })])).toEqual([]);
  });

  it.each([
    [part(400), 0, '400 of it went back, by the provider 0'],
    [part(400), 401, '400 of it went back, by the provider 401'],
    [part(400, 0), 400, 'the ledger has refunds of 0 instead of 400'],
    [part(1_250), 1_250, 'it is succeeded, and 1250 of 1250 went back'],
  ])('differs otherwise (%#)', (payment, refundedMinor, what) => {
    expect(differences([payment], [charge('succeeded', { refundedMinor })])).toEqual([what]);
  });
});

it('what changed lately is under way, whatever the provider says', () => {
  const lately = booked('charging', { changedAtMs: LATER_MS });
  expect(compareBooks([lately], [charge('succeeded')], LATER_MS)).toEqual({
    differences: [],
    compared: 0,
    underWay: 1,
  });
});
