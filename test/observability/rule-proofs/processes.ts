import { SCRAPED_NAMES } from '../../../k8s/observability/queries/query.ts';
import { fires, growing, type Proof, type SeriesOverTime, silent, still } from './proof.ts';

const running = (names: readonly string[]): SeriesOverTime =>
  Object.fromEntries(names.map((name) => [`process_start_time_seconds{process="${name}"}`, still(1)]));

const runs = (process: string, job: string, outcome: string, values: string): SeriesOverTime => ({
  [`job_runs_total{process="${process}",job="${job}",outcome="${outcome}"}`]: values,
});

export const processes: readonly Proof[] = [
  {
    alert: 'ProcessGone',
    cases: [
      ...SCRAPED_NAMES.map((process) =>
        fires(`${process} is not there`, 5, running(SCRAPED_NAMES.filter((name) => name !== process)), {
          process,
        }),
      ),
      fires(
        'it went a while ago',
        20,
        {
          ...running(SCRAPED_NAMES.filter((name) => name !== 'payment')),
          'process_start_time_seconds{process="payment"}': '1+0x5 stale',
        },
        { process: 'payment' },
      ),
      silent('all are there', 20, running(SCRAPED_NAMES)),
      silent('one of two programs is gone', 20, {
        ...running(SCRAPED_NAMES),
        'process_start_time_seconds{process="order",instance="b"}': '1+0x5 stale',
      }),
    ],
  },
  {
    alert: 'ConsoleGone',
    cases: [
      fires('it is not there', 15, running(SCRAPED_NAMES), { process: 'console' }),
      silent('it is being replaced', 9, running(SCRAPED_NAMES)),
      silent('it is there', 20, running(['console'])),
    ],
  },
  {
    alert: 'JobFailing',
    cases: [
      fires('it fails each second', 10, runs('payment', 'due-steps', 'failed', growing(60)), {
        process: 'payment',
        job: 'due-steps',
      }),
      silent('it fails now and then', 30, {
        ...runs('payment', 'due-steps', 'failed', growing(1)),
        ...runs('payment', 'due-steps', 'done', growing(5)),
      }),
      silent('it failed long ago', 40, runs('payment', 'due-steps', 'failed', '0+60x2 120+0x40')),
    ],
  },
  {
    alert: 'OrderExpiryStands',
    cases: [
      fires('it hangs', 30, runs('order', 'expiry', 'done', '0+6x10 60+0x30'), {
        process: 'order',
        job: 'expiry',
      }),
      silent('it is done every ten seconds', 30, runs('order', 'expiry', 'done', growing(6))),
      // One replica at a time does it.
      silent('another replica does it', 30, {
        'job_runs_total{process="order",instance="a",job="expiry",outcome="done"}': still(5),
        'job_runs_total{process="order",instance="b",job="expiry",outcome="done"}': growing(6),
      }),
    ],
  },
];
