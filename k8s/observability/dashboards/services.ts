// RED of the services that a reader chooses, and what is behind it: events in, events out, jobs, the programs, their logs.
import { consumers } from '../queries/consumers.ts';
import { jobs } from '../queries/jobs.ts';
import { logs } from '../queries/logs.ts';
import { objectives } from '../queries/objectives.ts';
import { outbox } from '../queries/outbox.ts';
import { platformPages } from '../queries/platform-pages.ts';
import { programs } from '../queries/programs.ts';
import { requests } from '../queries/requests.ts';
import { type Board, lines } from './board.ts';

export const services: Board = {
  uid: 'services',
  title: 'Services',
  about:
    'How the services of the shop are asked, fail and answer; below that their events, jobs and programs.',
  hasProcessChoice: true,
  rows: [
    {
      title: 'Requests',
      panels: [
        lines(requests.rate),
        lines(requests.failedRatio, { hasSearches: true }),
        {
          as: 'lines',
          title: 'Time to answer, p50, p95, p99',
          queries: [requests.p50, requests.p95, requests.p99],
          hasSearches: true,
        },
        { as: 'heat-map', queries: [requests.durations], span: 12 },
        lines(requests.p95ByRoute, { span: 12 }),
        lines(requests.byRoute),
        lines(requests.byStatus),
        lines(requests.refusedRatio),
        lines(requests.inFlight, { span: 12 }),
        lines(requests.callerLeft, { span: 12 }),
      ],
    },
    {
      title: 'Promises',
      panels: [
        lines(objectives.failed, { span: 12 }),
        lines(objectives.slow, { span: 12 }),
        lines(objectives.failedLong, { span: 12 }),
        lines(objectives.expired, { span: 12 }),
      ],
    },
    {
      title: 'Events read',
      panels: [
        lines(consumers.handled),
        lines(consumers.lag),
        lines(consumers.held),
        lines(consumers.deadLetters, { span: 12 }),
        lines(consumers.retries, { span: 12 }),
      ],
    },
    {
      title: 'Events published',
      panels: [
        lines(outbox.published),
        lines(outbox.pending),
        lines(outbox.oldest),
        lines(outbox.buried),
        lines(outbox.leaders),
        lines(outbox.retries),
      ],
    },
    { title: 'Platform pages', panels: [lines(platformPages.watchers, { span: 24 })] },
    { title: 'Jobs', panels: [lines(jobs.done, { span: 12 }), lines(jobs.failed, { span: 12 })] },
    {
      title: 'Programs',
      panels: [
        lines(programs.running),
        lines(programs.uptime),
        lines(programs.restarts),
        lines(programs.cpu),
        lines(programs.memory),
        lines(programs.heap),
        lines(programs.eventLoopLag),
        lines(programs.collecting),
        lines(programs.openFiles),
      ],
    },
    {
      title: 'Logs',
      panels: [
        { as: 'log-series', log: logs.byLevel, span: 24 },
        { as: 'log-lines', log: logs.troubles, span: 24 },
      ],
    },
  ],
};
