// The checkout as a funnel, the saga behind it, the money, and what customers notice beside it.
import { checkout as orders } from '../queries/checkout.ts';
import { customers } from '../queries/customers.ts';
import { payments } from '../queries/payments.ts';
import { type Board, lines, numbers } from './board.ts';

export const checkout: Board = {
  uid: 'checkout',
  title: 'Checkout',
  about:
    'From an order that is placed to one that is confirmed: how many come how far, how long it takes, and what stops them.',
  hasProcessChoice: false,
  rows: [
    {
      title: 'Funnel',
      panels: [
        numbers(
          'Orders in the time that is shown',
          [orders.placed, orders.reserved, payments.paid, orders.confirmed, orders.cancelled],
          { span: 24 },
        ),
        lines(orders.rate, { span: 12 }),
        lines(orders.cancelled, { span: 12 }),
        { as: 'lines', title: 'Time to confirm, p50, p95', queries: [orders.p50, orders.p95] },
        lines(orders.expiredRatio),
        lines(orders.late),
        lines(orders.impossible, { span: 12 }),
        lines(customers.reservationAge, { span: 12 }),
      ],
    },
    {
      title: 'Payments',
      panels: [
        lines(payments.commands),
        lines(payments.waiting),
        lines(payments.oldest),
        lines(payments.calls),
        lines(payments.troubleRatio),
        lines(payments.callP95),
      ],
    },
    {
      title: 'Mails',
      panels: [
        lines(customers.mails, { span: 12 }),
        lines(customers.mailsWaiting, { span: 12 }),
        lines(customers.mailsOldest, { span: 12 }),
        lines(customers.mailsTwice, { span: 12 }),
      ],
    },
    {
      title: 'Sessions',
      panels: [lines(customers.signIns, { span: 12 }), lines(customers.refreshes, { span: 12 })],
    },
  ],
};
