// What our services have to publish, and whether it is published. From `runtime/outbox/metrics.ts`: every replica reports the same of the
// tables, so the largest of their answers is taken.
import { orZero, type Query, SERVICE_NAMES } from './query.ts';

const source = { processes: SERVICE_NAMES };
/** Those that publish without being asked to by rare deeds of an operator. */
const legend = '{{process}}';

export const outbox = {
  published: {
    title: 'Events published',
    promql: orZero('sum by (process, topic) (rate(outbox_published_total{$scope}[$window]))'),
    unit: 'cps',
    about: 'Events each second that the broker has acknowledged.',
    legend: '{{process}} {{topic}}',
    source,
  },
  pending: {
    title: 'Events waiting',
    promql: 'max by (process) (outbox_pending{$scope})',
    unit: 'short',
    about: 'Events that are saved and not yet published.',
    legend,
    source,
  },
  oldest: {
    title: 'Oldest event waiting',
    promql: 'max by (process) (outbox_oldest_age_seconds{$scope})',
    unit: 's',
    about:
      'Age of the oldest event that waits. It grows while the broker is away, refuses, or nobody relays.',
    legend,
    source,
  },
  buried: {
    title: 'Events buried',
    promql: 'max by (process) (outbox_dead{$scope})',
    unit: 'short',
    about:
      'Events that the broker refused for good. Others wait for them to be looked at: an operator must decide.',
    legend,
    source,
  },
  leaders: {
    title: 'Relays',
    promql: 'sum by (process) (outbox_relay_leader{$scope})',
    unit: 'short',
    about: 'Programs that publish the outbox: one. None for a moment when it changes hands.',
    legend,
    source,
  },
  retries: {
    title: 'Sends repeated',
    promql: orZero('sum by (process, reason) (rate(outbox_retries_total{$scope}[$window]))'),
    unit: 'cps',
    about: 'Sends each second that failed and are repeated, by the reason.',
    legend: '{{process}} {{reason}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
