// The second engine of analytics.
import { flink as job } from '../queries/flink.ts';
import { type Board, lines } from './board.ts';

export const flink: Board = {
  uid: 'flink',
  title: 'Analytics on Flink',
  about: 'Throughput, lag, checkpoints and restarts of the job that counts the same on Flink.',
  hasProcessChoice: false,
  rows: [
    {
      title: 'Records',
      panels: [
        lines(job.records),
        lines(job.pending),
        lines(job.age),
        lines(job.backPressure),
        lines(job.busy),
      ],
    },
    {
      title: 'Checkpoints',
      panels: [
        lines(job.checkpointTime),
        lines(job.checkpointSize),
        lines(job.checkpoints),
        lines(job.checkpointsFailed),
        lines(job.restarts),
        lines(job.heap),
      ],
    },
  ],
};
