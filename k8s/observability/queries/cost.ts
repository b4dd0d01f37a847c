// What the nodes cost, and which pods request them: measured requests, and a price that is in the rules from `stacks/prices.ts`. An estimate:
// list price, on-demand, without tax and discounts, as docs/costs.md is.
import type { Query } from './query.ts';

const source = { exporters: ['kube-state-metrics'] } as const;

/** Recorded by the rules of an overlay whose nodes have a price. */
export const NODE_PRICE = 'shop:node_hour:usd';
/** As the clouds' own calculators count. */
const HOURS_A_MONTH = 730;

const requested = (resource: 'cpu' | 'memory', by = ''): string =>
  `sum${by} (kube_pod_container_resource_requests{resource="${resource}"} * on (namespace, pod) group_left max by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running"}))`;
const allocatable = (resource: 'cpu' | 'memory'): string =>
  `sum(kube_node_status_allocatable{resource="${resource}"})`;
const share = (resource: 'cpu' | 'memory'): string =>
  `${requested(resource, ' by (namespace)')} / scalar(${allocatable(resource)})`;
const NODES_USD = `count(kube_node_info) * scalar(max(${NODE_PRICE})) * ${HOURS_A_MONTH}`;

export const cost = {
  cpuRequested: {
    title: 'Processor asked for of what nodes have',
    promql: `${requested('cpu')} / ${allocatable('cpu')}`,
    unit: 'percentunit',
    about:
      'Measured. What is not asked for is paid for as well: below a half fewer or smaller nodes would do.',
    legend: 'processor',
    source,
  },
  memoryRequested: {
    title: 'Memory asked for of what nodes have',
    promql: `${requested('memory')} / ${allocatable('memory')}`,
    unit: 'percentunit',
    about:
      'Measured. Whichever of processor and memory is nearer to one decides how many nodes there must be.',
    legend: 'memory',
    source,
  },
  cpuByNamespace: {
    title: 'Processor asked for, by namespace',
    promql: requested('cpu', ' by (namespace)'),
    unit: 'cores',
    about: 'Measured: the sum of what containers ask for.',
    legend: '{{namespace}}',
    source,
  },
  memoryByNamespace: {
    title: 'Memory asked for, by namespace',
    promql: requested('memory', ' by (namespace)'),
    unit: 'bytes',
    about: 'Measured: the sum of what containers ask for.',
    legend: '{{namespace}}',
    source,
  },
  nodesUsd: {
    title: 'Nodes, a month',
    promql: NODES_USD,
    unit: 'currencyUSD',
    about:
      'Modelled: nodes of now × list price × 730 hours. What else the environment costs stands in docs/costs.md.',
    legend: 'nodes',
    source,
  },
  namespaceUsd: {
    title: 'Nodes, a month, by who asks for them',
    promql: `((${share('cpu')}) + (${share('memory')})) / 2 * scalar(${NODES_USD})`,
    unit: 'currencyUSD',
    about:
      'Modelled: the mean of a namespace’s parts of processor and memory, of what the nodes cost. The rest is room that nobody asked for.',
    legend: '{{namespace}}',
    source,
  },
} as const satisfies Readonly<Record<string, Query>>;
