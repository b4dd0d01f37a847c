// Kafka as our clients see it, and, where its own exporter can be asked, as the brokers do.
import { analytics } from '../queries/analytics.ts';
import { brokers } from '../queries/brokers.ts';
import { consumers } from '../queries/consumers.ts';
import { outbox } from '../queries/outbox.ts';
import { type Board, lines } from './board.ts';

export const kafka: Board = {
  uid: 'kafka',
  title: 'Kafka',
  about:
    'Events from who publishes them to who reads them: rates, lag, dead letters, and the brokers between.',
  hasProcessChoice: false,
  rows: [
    {
      title: 'Clients',
      panels: [
        lines(outbox.published),
        lines(consumers.handled),
        lines(consumers.lag),
        lines(consumers.held),
        lines(consumers.deadLetters),
        lines(outbox.oldest),
        lines(analytics.lag, { title: 'Events behind, of analytics', span: 12 }),
        lines(analytics.commits, { title: 'Commits of analytics', span: 12 }),
      ],
    },
    {
      title: 'Brokers',
      panels: [
        lines(brokers.messagesIn),
        lines(brokers.bytesIn),
        lines(brokers.bytesOut),
        lines(brokers.underReplicated, { span: 6 }),
        lines(brokers.underMinIsr, { span: 6 }),
        lines(brokers.offline, { span: 6 }),
        lines(brokers.idle, { span: 6 }),
      ],
    },
  ],
};
