// Money: payments by what came of them, what waits, and how the provider answers. From `services/payment/metrics.ts`.
import { paymentService } from '#contracts/shop-processes.ts';
import { grown, orZero, type Query } from './query.ts';

const source = { processes: [paymentService.name] };
const CALLS = 'payment_provider_call_seconds';
const ALL_CALLS = `sum by (process, call) (rate(${CALLS}_count{$scope}[$window]))`;
/** Whose outcome is not known: neither an answer nor a refusal of the provider. */
const TROUBLE = 'outcome=~"provider-unreachable|unexpected"';

export const payments = {
  paid: {
    title: 'Orders paid',
    promql: orZero(
      `sum by (process) ${grown('payment_commands_total{$scope, command="accept-succeeded", outcome="accepted"}')}`,
    ),
    unit: 'short',
    about: 'Charges that the provider confirmed.',
    legend: 'paid',
    source,
  },
  commands: {
    title: 'Payment commands by outcome',
    promql: 'sum by (process, command, outcome) (rate(payment_commands_total{$scope}[$window]))',
    unit: 'cps',
    about:
      'What was asked of payments and what came of it; repeated and ignored are normal, refusals are dead letters or errors to a webhook.',
    legend: '{{command}} {{outcome}}',
    source,
  },
  waiting: {
    title: 'Payments waiting',
    promql: 'max by (process, status) (payment_waiting{$scope})',
    unit: 'short',
    about:
      'Payments with a step that is not done: requested, charging (the outcome is unknown) or refunding.',
    legend: '{{status}}',
    source,
  },
  oldest: {
    title: 'Oldest payment waiting',
    promql: 'max by (process, status) (payment_waiting_oldest_seconds{$scope})',
    unit: 's',
    about:
      'Age of the oldest payment with a step that is not done. Minutes in `charging` mean that the provider does not tell us.',
    legend: '{{status}}',
    source,
  },
  calls: {
    title: 'Calls of the provider',
    promql: `sum by (process, call, outcome) (rate(${CALLS}_count{$scope}[$window]))`,
    unit: 'reqps',
    about: 'Calls each second by what came of them; declined is an answer, provider-unreachable is trouble.',
    legend: '{{call}} {{outcome}}',
    source,
  },
  troubleRatio: {
    title: 'Calls of the provider without an answer',
    promql: `(sum by (process, call) (rate(${CALLS}_count{$scope, ${TROUBLE}}[$window])) or ${ALL_CALLS} * 0) / (${ALL_CALLS} > 0) or ${ALL_CALLS} * 0`,
    unit: 'percentunit',
    about:
      'Part of the calls whose outcome stayed unknown. Payments wait meanwhile, nothing is charged twice.',
    legend: '{{call}}',
    source,
  },
  callP95: {
    title: 'Calls of the provider, p95',
    promql: `histogram_quantile(0.95, sum by (process, call, le) (rate(${CALLS}_bucket{$scope}[$window])))`,
    unit: 's',
    about: '95 % of the calls were answered within this time.',
    legend: '{{call}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
