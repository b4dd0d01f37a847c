import { fires, growing, type Proof, type SeriesOverTime, silent, still } from './proof.ts';

const age = (metric: string, process: string, values: string, more = ''): SeriesOverTime => ({
  [`${metric}{process="${process}"${more}}`]: values,
});
const open = (status: string, values: string): SeriesOverTime =>
  age('order_open_oldest_seconds', 'order', values, `,status="${status}"`);
const order = (metric: string, labels: string, values: string): SeriesOverTime => ({
  [`${metric}{process="order",${labels}}`]: values,
  'process_start_time_seconds{process="order"}': still(1, 120),
});
const calls = (outcome: string, values: string): SeriesOverTime => ({
  [`payment_provider_call_seconds_count{process="payment",provider="stripe",call="charge",outcome="${outcome}"}`]:
    values,
});

export const checkout: readonly Proof[] = [
  {
    alert: 'OrdersStuck',
    cases: [
      fires(
        'one is reserved for an hour',
        10,
        { ...open('placed', still(0)), ...open('reserved', still(3_600)) },
        {
          process: 'order',
          status: 'reserved',
        },
      ),
      silent('the oldest is about to expire', 10, {
        ...open('placed', still(890)),
        ...open('reserved', still(0)),
      }),
    ],
  },
  {
    alert: 'ReservationsTooOld',
    cases: [
      fires(
        'stock is held for an hour',
        10,
        age('product_reservation_open_age_seconds', 'product', still(3_600)),
        {
          process: 'product',
        },
      ),
      silent(
        'it is held for a minute',
        10,
        age('product_reservation_open_age_seconds', 'product', still(60)),
      ),
    ],
  },
  {
    alert: 'ImpossibleAnswers',
    cases: [
      fires(
        'a payment comes of another amount',
        8,
        order(
          'order_commands_impossible_total',
          'command="paymentSucceeded",why="other-amount"',
          '_x5 1+0x20',
        ),
        { process: 'order', command: 'paymentSucceeded', why: 'other-amount' },
      ),
      silent('none comes', 8, { 'process_start_time_seconds{process="order"}': still(1) }),
    ],
  },
  {
    alert: 'LatePayments',
    cases: [
      fires(
        'one comes each minute',
        30,
        order('order_commands_ignored_total', 'command="paymentSucceeded",why="late"', growing(1)),
        {
          process: 'order',
        },
      ),
      silent(
        'two came',
        30,
        order('order_commands_ignored_total', 'command="paymentSucceeded",why="late"', '0+1x2 2+0x40'),
      ),
    ],
  },
  {
    alert: 'PaymentProviderTrouble',
    cases: [
      fires(
        'half of the calls have no answer',
        10,
        { ...calls('succeeded', growing(6)), ...calls('provider-unreachable', growing(6)) },
        {
          process: 'payment',
          call: 'charge',
        },
      ),
      silent('cards are declined', 20, {
        ...calls('declined', growing(6)),
        ...calls('succeeded', growing(1)),
      }),
      silent('one call of two had no answer', 20, {
        ...calls('succeeded', '0+0x5 1+0x40'),
        ...calls('provider-unreachable', '0+0x5 1+0x40'),
      }),
    ],
  },
  {
    alert: 'PaymentsWaiting',
    cases: [
      fires(
        'the outcome of a charge is unknown',
        10,
        age('payment_waiting_oldest_seconds', 'payment', still(1_000), ',status="charging"'),
        { process: 'payment', status: 'charging' },
      ),
      silent(
        'a charge is under way',
        10,
        age('payment_waiting_oldest_seconds', 'payment', still(2), ',status="charging"'),
      ),
    ],
  },
  {
    alert: 'MailsWaiting',
    cases: [
      fires(
        'the mail server is away',
        30,
        age('notification_oldest_age_seconds', 'notification', growing(60)),
        {
          process: 'notification',
        },
      ),
      silent('mails go out', 30, age('notification_oldest_age_seconds', 'notification', still(3))),
    ],
  },
];
