// Orders, money and mails that do not move.
import { checkout as orders } from '../queries/checkout.ts';
import { customers } from '../queries/customers.ts';
import { payments } from '../queries/payments.ts';
import { type Alert, alertOf, alertOn, part } from './alert.ts';

const stuckOrders = alertOn(orders.oldestOpen, '5m', '> 1800', {
  name: 'OrdersStuck',
  severity: 'critical',
  for: '5m',
  summary: '{{ $labels.process }}: an order does not end',
  description:
    'The oldest order of {{ $labels.process }} that is {{ $labels.status }} waits for more than half an hour; a quarter of one is the longest that may be.',
  page: 'orders-stuck',
});

const reservations = alertOn(customers.reservationAge, '5m', '> 1800', {
  name: 'ReservationsTooOld',
  severity: 'warning',
  for: '5m',
  summary: '{{ $labels.process }} holds stock for an order that does not end',
  description:
    '{{ $labels.process }} set stock aside more than half an hour ago, and no event has said since that the order is confirmed or cancelled: other customers cannot buy these pieces.',
  page: 'reservations-too-old',
});

const impossible = alertOn(orders.impossible, '15m', '> 0', {
  name: 'ImpossibleAnswers',
  severity: 'warning',
  for: '0m',
  summary: '{{ $labels.process }} got an answer that contradicts its order',
  description:
    '{{ $labels.process }} refused {{ $labels.command }} ({{ $labels.why }}): another service broke its promise, or somebody forges events.',
  page: 'impossible-answers',
});

const late = alertOn(orders.late, '1h', '> 5', {
  name: 'LatePayments',
  severity: 'warning',
  for: '0m',
  summary: '{{ $labels.process }}: customers pay for cancelled orders',
  description:
    'More than five payments of an hour came when {{ $labels.process }} had cancelled the order already; each must be refunded.',
  page: 'late-payments',
});

const PROVIDER = 'payment-provider';
const provider = alertOf(
  [payments.troubleRatio, payments.calls],
  `${part(payments.troubleRatio, '10m')} > 0.2 and on (process, call) sum by (process, call) ${part(payments.calls, '10m')} * 600 >= 5`,
  {
    name: 'PaymentProviderTrouble',
    severity: 'critical',
    for: '2m',
    summary: '{{ $labels.process }}: the provider does not answer',
    description:
      'More than a fifth of the calls ({{ $labels.call }}) of {{ $labels.process }} to the payment provider stay without an answer. Nothing is charged twice, and orders wait.',
    page: PROVIDER,
  },
);
const waiting = alertOn(payments.oldest, '5m', '> 900', {
  name: 'PaymentsWaiting',
  severity: 'critical',
  for: '5m',
  summary: '{{ $labels.process }}: a payment does not move on',
  description:
    'The oldest payment of {{ $labels.process }} that is {{ $labels.status }} waits for more than a quarter of an hour.',
  page: PROVIDER,
});

const mails = alertOn(customers.mailsOldest, '5m', '> 900', {
  name: 'MailsWaiting',
  severity: 'warning',
  for: '5m',
  summary: '{{ $labels.process }}: mails do not go out',
  description:
    'The oldest mail of {{ $labels.process }} waits for more than a quarter of an hour: customers cannot verify addresses or reset passwords.',
  page: 'mails-waiting',
});

export const checkout: readonly Alert[] = [
  stuckOrders,
  reservations,
  impossible,
  late,
  provider,
  waiting,
  mails,
];
