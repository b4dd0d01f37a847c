// Counting in Node: how far behind, how much, how late, and whether the results get out.
import { analytics as counting } from '../queries/analytics.ts';
import { type Board, lines } from './board.ts';

export const analytics: Board = {
  uid: 'analytics',
  title: 'Analytics',
  about:
    'The worker that counts the bytes of renditions for each minute and size exactly once, and delivers the totals.',
  hasProcessChoice: false,
  rows: [
    {
      title: 'Counting',
      panels: [
        lines(counting.lag),
        lines(counting.events),
        lines(counting.bytes),
        lines(counting.activity),
        lines(counting.commits),
        lines(counting.commitP95),
        lines(counting.commitFailures),
        lines(counting.repeats),
        lines(counting.deadLetters),
      ],
    },
    {
      title: 'Windows',
      panels: [lines(counting.windowDelay), lines(counting.late), lines(counting.revisions)],
    },
    {
      title: 'Delivery',
      panels: [
        lines(counting.backlog),
        lines(counting.delivered),
        lines(counting.deliveryFailures),
        lines(counting.deadLettersWaiting),
        lines(counting.stepFailures),
        lines(counting.exporters),
      ],
    },
  ],
};
