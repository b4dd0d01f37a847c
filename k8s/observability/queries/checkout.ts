// The checkout from an order that is placed to one that is confirmed or cancelled. From `services/order/metrics.ts`.
import { orderService } from '#contracts/shop-processes.ts';
import { grown, orZero, type Query } from './query.ts';

const source = { processes: [orderService.name] };
const TRANSITIONS = 'order_transitions_total';

/** How many orders came to a stage within the window; zero when none did. */
const reached = (matchers: string, by = 'process'): string =>
  orZero(`sum by (${by}) ${grown(`${TRANSITIONS}{$scope, ${matchers}}`)}`);

export const checkout = {
  placed: {
    title: 'Orders placed',
    promql: reached('status="placed"'),
    unit: 'short',
    about: 'Orders that customers placed.',
    legend: 'placed',
    source,
  },
  reserved: {
    title: 'Orders with stock reserved',
    promql: reached('status="reserved"'),
    unit: 'short',
    about: 'Orders whose stock is set aside and whose payment was asked for.',
    legend: 'reserved',
    source,
  },
  confirmed: {
    title: 'Orders confirmed',
    promql: reached('status="confirmed"'),
    unit: 'short',
    about: 'Orders that are paid and sold.',
    legend: 'confirmed',
    source,
  },
  cancelled: {
    title: 'Orders cancelled, by reason',
    promql: reached('status="cancelled"', 'process, reason'),
    unit: 'short',
    about:
      'Orders that came to nothing: stock-rejected (sold out), payment-failed (declined), by-customer, or expired (product or payment did not answer in time: a fault of ours).',
    legend: 'cancelled: {{reason}}',
    source,
  },
  expiredRatio: {
    title: 'Orders expired of those placed',
    promql: `sum by (process) ${grown(`${TRANSITIONS}{$scope, reason="expired"}`)} / (sum by (process) ${grown(`${TRANSITIONS}{$scope, status="placed"}`)} > 0) or max by (process) (process_start_time_seconds{process="${orderService.name}"}) * 0`,
    unit: 'percentunit',
    about:
      'Part of the orders that were cancelled because product or payment did not answer in time. Customers wanted them, and we failed.',
    legend: 'expired',
    source,
  },
  rate: {
    title: 'Transitions of orders',
    promql: orZero(`sum by (process, status) (rate(${TRANSITIONS}{$scope}[$window]))`),
    unit: 'cps',
    about: 'Orders a second that come to each stage. The stages lie close together while the saga is sound.',
    legend: '{{status}}',
    source,
  },
  p50: {
    title: 'Time to confirm, p50',
    promql:
      'histogram_quantile(0.50, sum by (process, le) (rate(order_saga_duration_seconds_bucket{$scope, status="confirmed"}[$window])))',
    unit: 's',
    about: 'Half of the orders were confirmed within this time after they were placed.',
    legend: 'p50',
    source,
  },
  p95: {
    title: 'Time to confirm, p95',
    promql:
      'histogram_quantile(0.95, sum by (process, le) (rate(order_saga_duration_seconds_bucket{$scope, status="confirmed"}[$window])))',
    unit: 's',
    about:
      '95 % of the orders were confirmed within this time after they were placed. Above ten seconds, relay or consumers lag.',
    legend: 'p95',
    source,
  },
  oldestOpen: {
    title: 'Oldest open order',
    promql: 'max by (process, status) (order_open_oldest_seconds{$scope})',
    unit: 's',
    about:
      'Age of the oldest order that is placed or reserved, since it was placed. After a quarter of an hour each is cancelled.',
    legend: '{{status}}',
    source,
  },
  late: {
    title: 'Payments for cancelled orders',
    promql: orZero(
      `sum by (process) ${grown('order_commands_ignored_total{$scope, command="paymentSucceeded", why="late"}')}`,
    ),
    unit: 'short',
    about:
      'Customers paid for what was cancelled already; each gets the money back. More than a few: payments are slow, or ORDER_EXPIRY_MS is too short.',
    legend: 'late',
    source,
  },
  impossible: {
    title: 'Answers that cannot be',
    promql: orZero(`sum by (process, command, why) ${grown('order_commands_impossible_total{$scope}')}`),
    unit: 'short',
    about:
      'Answers that contradict the order: a service broke its promise, or somebody forged an event. Each is a dead letter.',
    legend: '{{command}} {{why}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
