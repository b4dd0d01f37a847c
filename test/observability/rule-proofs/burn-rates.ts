import { fires, growing, type Proof, type SeriesOverTime, silent } from './proof.ts';

const MINUTES = 240;

/** Requests a minute, and how many of them fail. */
const failing = (all: number, failed: number): SeriesOverTime => ({
  'http_request_duration_seconds_count{process="product",method="GET",route="/products",status="200"}':
    growing(all - failed, MINUTES),
  'http_request_duration_seconds_count{process="product",method="GET",route="/products",status="500"}':
    growing(failed, MINUTES),
});

/** Requests a minute, and how many of them take longer than their service promises. */
const slow = (all: number, slowOnes: number, process = 'product', le = '0.25'): SeriesOverTime => {
  const of = `process="${process}",method="GET",route="/",status="200"`;
  return {
    [`http_request_duration_seconds_count{${of}}`]: growing(all, MINUTES),
    [`http_request_duration_seconds_bucket{${of},le="${le}"}`]: growing(all - slowOnes, MINUTES),
    [`http_request_duration_seconds_bucket{${of},le="+Inf"}`]: growing(all, MINUTES),
  };
};

const expiring = (ended: number, expired: number): SeriesOverTime => ({
  'order_transitions_total{process="order",status="confirmed",reason=""}': growing(ended - expired, MINUTES),
  'order_transitions_total{process="order",status="cancelled",reason="expired"}': growing(expired, MINUTES),
});

/** Speeds between those of the windows, so that one window alone is concerned: the budget is passed 20, 8, 4 and 1.5 times as fast. */
const windows = (process: string, series: (speed: number) => SeriesOverTime) => [
  fires('twenty times too fast, before the longer windows are sure', 12, series(20), {
    process,
    window: '1h',
  }),
  fires('eight times too fast', 40, series(8), { process, window: '6h' }),
  fires('four times too fast', 100, series(4), { process, window: '1d' }),
  fires('one and a half times too fast, for hours', 200, series(1.5), { process, window: '3d' }),
];

export const burnRates: readonly Proof[] = [
  {
    alert: 'RequestsFail',
    cases: [
      ...windows('product', (speed) => failing(10_000, 10 * speed)),
      silent('half of what may fail does', 200, failing(10_000, 5)),
      silent('all is well', 20, failing(1_000, 0)),
      silent('of few requests some fail', 20, {
        'http_request_duration_seconds_count{process="cart",method="GET",route="/cart",status="200"}':
          growing(1),
        'http_request_duration_seconds_count{process="cart",method="GET",route="/cart",status="500"}':
          '0+0x5 0+1x5 5+0x50',
      }),
      // An hour is not full of trouble because its first minutes were: the short window ends it.
      silent('a short outage is over for three quarters of an hour', 50, {
        'http_request_duration_seconds_count{process="product",method="GET",route="/products",status="200"}':
          '0+0x3 0+9000x300',
        'http_request_duration_seconds_count{process="product",method="GET",route="/products",status="500"}':
          '0+1000x3 3000+0x300',
      }),
    ],
  },
  {
    alert: 'RequestsSlow',
    cases: [
      fires('twenty times too fast, before the longer windows are sure', 12, slow(10_000, 2_000), {
        process: 'product',
        window: '1h',
      }),
      ...windows('product', (speed) => slow(10_000, 100 * speed)).slice(1),
      // Prometheus 2 and 3 write the bound of a whole second differently.
      fires('a bound is a whole number', 12, slow(10_000, 2_000, 'user', '1'), {
        process: 'user',
        window: '1h',
      }),
      fires('and is written as OpenMetrics has it', 12, slow(10_000, 2_000, 'user', '1.0'), {
        process: 'user',
        window: '1h',
      }),
      silent('a second is allowed, and none takes longer', 12, slow(10_000, 0, 'user', '1.0')),
      silent('few are slow', 200, slow(10_000, 50)),
      silent('of few requests all are slow', 20, slow(0.2, 0.2)),
    ],
  },
  {
    alert: 'OrdersExpire',
    cases: [
      ...windows('order', (speed) => expiring(1_000, 5 * speed)),
      silent('few expire', 200, expiring(1_000, 2)),
      silent('none is placed', 20, expiring(0, 0)),
      silent('customers cancel, and sold out goods are refused', 60, {
        'order_transitions_total{process="order",status="confirmed",reason=""}': growing(10),
        'order_transitions_total{process="order",status="cancelled",reason="by-customer"}': growing(10),
        'order_transitions_total{process="order",status="cancelled",reason="stock-rejected"}': growing(10),
      }),
    ],
  },
];
