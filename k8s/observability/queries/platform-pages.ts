// Who looks at the platform. From `console/metrics.ts`.
import { platformConsole } from '#contracts/processes.ts';
import type { Query } from './query.ts';

export const platformPages = {
  watchers: {
    title: 'Platform pages that are open',
    promql: 'sum by (process) (console_watchers{$scope})',
    unit: 'short',
    about:
      'Pages that follow the totals now. While there are none the console asks no store; each range is read once a second, however many look.',
    legend: '{{process}}',
    source: { processes: [platformConsole.name] },
  },
} as const satisfies Readonly<Record<string, Query>>;
