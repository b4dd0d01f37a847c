// Events that do not get where they shall: not published, not read, refused.
import { consumers } from '../queries/consumers.ts';
import { outbox } from '../queries/outbox.ts';
import { type Alert, alertOf, alertOn, part } from './alert.ts';

const lag = alertOf(
  [consumers.lag, consumers.handled],
  // A backlog is measured by the consumer's own pace: a thousand events are nothing to one that takes five hundred a second.
  `${part(consumers.lag)} > 50 and on (process, topic) ${part(consumers.lag)} > 300 * ${part(consumers.handled)}`,
  {
    name: 'ConsumerLag',
    severity: 'warning',
    for: '5m',
    summary: '{{ $labels.process }} is behind with {{ $labels.topic }}',
    description:
      '{{ $labels.process }} has more of {{ $labels.topic }} before it than it takes in five minutes at its present pace: what it does for customers comes late.',
    page: 'consumer-lag',
  },
);

const stands = alertOf(
  [consumers.worked, outbox.published],
  `${part(consumers.worked, '20m')} == 0 and on (topic) sum by (topic) (increase(outbox_published_total[15m] offset 5m)) > 0`,
  {
    name: 'ConsumerStands',
    severity: 'critical',
    for: '5m',
    summary: '{{ $labels.process }} reads nothing of {{ $labels.topic }}',
    description:
      'Events of {{ $labels.topic }} were published, and {{ $labels.process }} neither handled nor refused any within twenty minutes.',
    page: 'consumer-stands',
  },
);

const held = alertOn(consumers.held, '5m', '> 0', {
  name: 'PartitionHeld',
  severity: 'critical',
  for: '5m',
  summary: '{{ $labels.process }} holds a partition of {{ $labels.topic }}',
  description:
    '{{ $labels.process }} waits in trouble at a partition of {{ $labels.topic }} for five minutes; others of the topic go on.',
  page: 'partition-held',
});

const deadLetters = alertOn(consumers.deadLetters, '15m', '> 0', {
  name: 'DeadLetters',
  severity: 'warning',
  for: '0m',
  summary: '{{ $labels.process }} refused events of {{ $labels.topic }}',
  description:
    '{{ $labels.process }} put events of {{ $labels.topic }} to the dead letters within a quarter of an hour: {{ $labels.reason }}.',
  page: 'dead-letters',
});

const PAGE = 'outbox-stands';
const old = alertOn(outbox.oldest, '5m', '> 120', {
  name: 'OutboxStands',
  severity: 'critical',
  for: '5m',
  summary: '{{ $labels.process }} does not publish its events',
  description:
    'The oldest event in the outbox of {{ $labels.process }} waits for more than two minutes, where a second is usual: the services that read its events get none.',
  page: PAGE,
});

const many = alertOn(outbox.pending, '5m', '> 5000', {
  name: 'OutboxBacklog',
  severity: 'warning',
  for: '10m',
  summary: 'The outbox of {{ $labels.process }} fills',
  description:
    'More than five thousand events of {{ $labels.process }} wait to be published for ten minutes: they are written faster than they go out.',
  page: PAGE,
});

const buried = alertOn(outbox.buried, '5m', '> 0', {
  name: 'EventsBuried',
  severity: 'warning',
  for: '1m',
  summary: '{{ $labels.process }} has buried events',
  description:
    'The broker refuses events of {{ $labels.process }} for good: an operator must decide about each, and no other event of the same key is published before.',
  page: 'buried-events',
});

export const events: readonly Alert[] = [lag, stands, held, deadLetters, old, many, buried];
