// Forged events of payments: requested, succeeded, failed and refunded.
import type { PaymentSucceeded } from '#contracts/payments.ts';
import {
  paymentFailed,
  paymentRefunded,
  paymentRequested,
  paymentSucceeded,
} from '#contracts/shop-topics.ts';
import {
  type Expected,
  eur,
  type Forgery,
  forgery,
  never,
  orderRefuses,
  TAKEN,
  type TrueOrder,
} from './forgery.ts';

const payment = ({ orderId, userId, paymentId, total }: TrueOrder): PaymentSucceeded => ({
  orderId,
  userId,
  paymentId,
  amount: total,
});
const REFUSED_PAYMENT: Expected = { outcomes: { order: 'order-impossible', analytics: TAKEN } };
const falsePayments: readonly [string, (order: TrueOrder) => PaymentSucceeded][] = [
  ['with another amount', (order) => ({ ...payment(order), amount: eur(order.total.amountMinor - 1) })],
  ['in another currency', (order) => ({ ...payment(order), amount: { ...order.total, currency: 'JPY' } })],
  ['of another customer', (order) => ({ ...payment(order), userId: 'somebody' })],
  ['by another payment', (order) => ({ ...payment(order), paymentId: 'pay_of_another' })],
];

export const FORGED_PAYMENTS: readonly Forgery[] = [
  ...falsePayments.map(([how, over]) =>
    forgery(paymentSucceeded, how, ({ confirmed }) => over(confirmed()), REFUSED_PAYMENT),
  ),
  forgery(
    paymentSucceeded,
    'of no order',
    () => ({ ...never(), paymentId: 'pay_never', amount: eur(1) }),
    REFUSED_PAYMENT,
  ),
  forgery(paymentSucceeded, 'that nobody asked for', ({ rejected }) => payment(rejected()), REFUSED_PAYMENT),
  forgery(
    paymentFailed,
    'of no order',
    () => ({ ...never(), paymentId: 'pay_never', reason: 'declined' as const }),
    REFUSED_PAYMENT,
  ),
  forgery(
    paymentFailed,
    'of a payment that succeeded',
    ({ confirmed }) => {
      const { amount: _none, ...failed } = payment(confirmed());
      return { ...failed, reason: 'declined' as const };
    },
    REFUSED_PAYMENT,
  ),
  forgery(paymentRequested, 'of no order', () => ({ ...never(), amount: eur(5), paymentMethod: 'pm_ok' }), {
    outcomes: { payment: TAKEN },
    consequences: [orderRefuses(paymentSucceeded)],
    found: ['a payment has an order, with the same customer and amount'],
  }),
  forgery(
    paymentRequested,
    'once more, with another amount',
    ({ confirmed }) => ({ ...confirmed(), amount: eur(1), paymentMethod: 'pm_ok' }),
    { outcomes: { payment: 'request-contradicts-earlier-one' } },
  ),
  forgery(
    paymentRequested,
    'of a cancelled order, with another amount',
    ({ rejected }) => ({ ...rejected(), amount: eur(1), paymentMethod: 'pm_ok' }),
    { outcomes: { payment: TAKEN }, found: ['a payment has an order, with the same customer and amount'] },
  ),
  forgery(paymentRefunded, 'that was not made', ({ confirmed }) => payment(confirmed()), {
    outcomes: { notification: TAKEN, analytics: TAKEN },
    found: ['notifications of refunds do not exceed the refunds in the ledger'],
  }),
  forgery(
    paymentRefunded,
    'beyond what was paid',
    ({ confirmed }) => {
      const order = confirmed();
      return { ...payment(order), amount: eur(order.total.amountMinor + 1) };
    },
    { outcomes: { notification: 'refund-exceeds-total', analytics: TAKEN } },
  ),
  forgery(
    paymentRefunded,
    'to another customer',
    ({ confirmed }) => ({ ...payment(confirmed()), userId: 'somebody' }),
    { outcomes: { notification: 'told-another-customer', analytics: TAKEN } },
  ),
  forgery(paymentRefunded, 'of no order', () => ({ ...never(), paymentId: 'pay_never', amount: eur(1) }), {
    outcomes: { notification: TAKEN, analytics: TAKEN },
    found: [
      'a notification of an order has its customer, status and total',
      'notifications of refunds do not exceed the refunds in the ledger',
    ],
  }),
];
