// The load that k6 makes, beside what the services and scalers make of it.
import { cluster } from '../queries/cluster.ts';
import { load as k6 } from '../queries/load.ts';
import { requests } from '../queries/requests.ts';
import { type Board, lines } from './board.ts';

export const load: Board = {
  uid: 'load',
  title: 'Load',
  about: 'What k6 asks and how it is answered, and how the shop bears it.',
  hasProcessChoice: false,
  rows: [
    {
      title: 'As k6 sees it',
      panels: [
        lines(k6.users, { span: 12 }),
        lines(k6.requests, { span: 12 }),
        lines(k6.failed, { span: 12 }),
        lines(k6.p99, { span: 12 }),
      ],
    },
    {
      title: 'As the shop sees it',
      panels: [lines(requests.rate), lines(requests.p99), lines(cluster.replicas)],
    },
  ],
};
