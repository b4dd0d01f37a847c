// What each of our programs uses, and whether it is there. From prom-client's default metrics.
import { type Query, SCRAPED_NAMES } from './query.ts';

const source = { processes: SCRAPED_NAMES };
const legend = '{{process}} {{instance}}';

export const programs = {
  running: {
    title: 'Running',
    promql: 'count by (process) (process_start_time_seconds{$scope})',
    unit: 'short',
    about: 'Programs of this name whose metrics could be read.',
    legend: '{{process}}',
    source,
  },
  uptime: {
    title: 'Running since',
    promql: 'time() - max by (process) (process_start_time_seconds{$scope})',
    unit: 's',
    about: 'Since the youngest program of this name started. It falls at each deployment, and at each crash.',
    legend: '{{process}}',
    source,
  },
  restarts: {
    title: 'Restarts',
    promql: 'sum by (process) (changes(process_start_time_seconds{$scope}[$window]))',
    unit: 'short',
    about:
      'How often a program came back at the same address within the window. New pods of a deployment do not count: they have addresses of their own.',
    legend: '{{process}}',
    source,
  },
  cpu: {
    title: 'Processor',
    promql: 'sum by (process) (rate(process_cpu_seconds_total{$scope}[$window]))',
    unit: 'cores',
    about: 'Cores used by all programs of this name.',
    legend: '{{process}}',
    source,
  },
  memory: {
    title: 'Memory',
    promql: 'max by (process) (process_resident_memory_bytes{$scope})',
    unit: 'bytes',
    about:
      'Resident memory of the largest program of this name. Over the limit of k8s/shop/sizes.ts it is killed.',
    legend: '{{process}}',
    source,
  },
  heap: {
    title: 'Heap in use',
    promql: 'nodejs_heap_size_used_bytes{$scope}',
    unit: 'bytes',
    about: 'What V8 has in use. A saw-tooth is sound; a line that only rises is a leak.',
    legend,
    source,
  },
  eventLoopLag: {
    title: 'Event loop lag, p99',
    promql: 'max by (process) (nodejs_eventloop_lag_p99_seconds{$scope})',
    unit: 's',
    about:
      'How late the event loop was in 1 % of its turns. It rises when one piece of work keeps the processor to itself.',
    legend: '{{process}}',
    source,
  },
  collecting: {
    title: 'Time spent on collecting garbage',
    promql: 'sum by (process) (rate(nodejs_gc_duration_seconds_sum{$scope}[$window]))',
    unit: 'percentunit',
    about:
      'Part of the time that went to garbage collection, over all programs of this name. Above a tenth memory is short.',
    legend: '{{process}}',
    source,
  },
  openFiles: {
    title: 'Open files of those allowed',
    promql: 'max by (process) (process_open_fds{$scope} / process_max_fds{$scope})',
    unit: 'percentunit',
    about: 'Sockets count too: connections that nobody closes show here first.',
    legend: '{{process}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
