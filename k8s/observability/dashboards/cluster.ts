// Whether what shall run does, and with how much room.
import { cluster as state } from '../queries/cluster.ts';
import { type Board, lines } from './board.ts';

export const cluster: Board = {
  uid: 'cluster',
  title: 'Cluster health',
  about: 'Pods, scalers, nodes and volumes: what is missing, what ends again and again, what is nearly full.',
  hasProcessChoice: false,
  rows: [
    {
      title: 'Workloads',
      panels: [
        lines(state.replicasMissing),
        lines(state.phases),
        lines(state.restarts),
        lines(state.crashLooping),
        lines(state.outOfMemory),
        lines(state.jobsFailed),
        lines(state.replicas, { span: 12 }),
        lines(state.scalers, { span: 12 }),
      ],
    },
    {
      title: 'Containers',
      panels: [lines(state.cpu, { span: 12 }), lines(state.memory, { span: 12 })],
    },
    {
      title: 'Nodes',
      panels: [
        lines(state.nodesNotReady),
        lines(state.nodeCpu),
        lines(state.nodeMemory),
        lines(state.nodeDisk),
        lines(state.volumes),
        lines(state.certificate),
      ],
    },
  ],
};
