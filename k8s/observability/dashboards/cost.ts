// What is paid for, what is asked for, what is used.
import { cluster } from '../queries/cluster.ts';
import { cost as nodes } from '../queries/cost.ts';
import { type Board, lines } from './board.ts';

export const cost: Board = {
  uid: 'cost',
  title: 'Cost',
  about:
    'What containers ask for is measured; dollars are modelled, by the list price of a node in stacks/prices.ts. What an environment costs beside its nodes stands in docs/costs.md.',
  hasProcessChoice: false,
  rows: [
    {
      title: 'Asked for, of what nodes have',
      panels: [
        lines(nodes.cpuRequested, { span: 12 }),
        lines(nodes.memoryRequested, { span: 12 }),
        lines(nodes.cpuByNamespace, { span: 12 }),
        lines(nodes.memoryByNamespace, { span: 12 }),
        lines(cluster.cpu, { span: 12 }),
        lines(cluster.memory, { span: 12 }),
      ],
    },
    {
      title: 'Dollars',
      panels: [lines(nodes.nodesUsd, { span: 12 }), lines(nodes.namespaceUsd, { span: 12 })],
    },
  ],
};
