import { fires, growing, type Proof, type SeriesOverTime, silent, still } from './proof.ts';

const TOPIC = 'order.placed';
const LABELS = { process: 'product', topic: TOPIC };
const ofPartition = (metric: string, values: string, instance = 'a'): SeriesOverTime => ({
  [`${metric}{process="product",instance="${instance}",group="product",topic="${TOPIC}",partition="0"}`]:
    values,
});
const records = (values: string, outcome = 'handled'): SeriesOverTime => ({
  [`kafka_consumer_records_total{process="product",group="product",topic="${TOPIC}",outcome="${outcome}"}`]:
    values,
});
const outbox = (metric: string, values: string, instance = 'a'): SeriesOverTime => ({
  [`${metric}{process="order",instance="${instance}",schema="order"}`]: values,
});
const published = (values: string): SeriesOverTime => ({
  [`outbox_published_total{process="order",schema="order",topic="${TOPIC}"}`]: values,
});

export const events: readonly Proof[] = [
  {
    alert: 'ConsumerLag',
    cases: [
      fires(
        'it is slower than what comes',
        12,
        { ...ofPartition('kafka_consumer_lag_records', growing(100)), ...records(growing(30)) },
        LABELS,
      ),
      silent('much waits, and it takes more than that in a minute', 30, {
        ...ofPartition('kafka_consumer_lag_records', still(900)),
        ...records(growing(1_200)),
      }),
      silent('a few wait', 30, {
        ...ofPartition('kafka_consumer_lag_records', still(40)),
        ...records(still(0)),
      }),
      silent('it was behind and has caught up', 30, {
        ...ofPartition('kafka_consumer_lag_records', '600+0x3 0+0x40'),
        ...records(growing(60)),
      }),
    ],
  },
  {
    alert: 'ConsumerStands',
    cases: [
      fires(
        'events are published and none is handled',
        40,
        { ...records(still(3)), ...published(growing(1)) },
        LABELS,
      ),
      silent('each is handled', 40, { ...records(growing(1)), ...published(growing(1)) }),
      silent('each is refused, which another alert tells', 40, {
        ...records(still(0)),
        ...records(growing(1), 'dead-letter'),
        ...published(growing(1)),
      }),
      silent('nothing is published', 40, { ...records(still(3)), ...published(still(7)) }),
    ],
  },
  {
    alert: 'PartitionHeld',
    cases: [
      fires('it waits in trouble', 10, ofPartition('kafka_consumer_partition_held', still(1)), LABELS),
      silent(
        'it waited for a moment',
        10,
        ofPartition('kafka_consumer_partition_held', '0+0x3 1+0x1 0+0x20'),
      ),
    ],
  },
  {
    alert: 'DeadLetters',
    cases: [
      // Its series begins with it: an increase alone would see nothing.
      fires(
        'the very first one',
        6,
        {
          [`kafka_consumer_dead_letters_total{process="product",group="product",topic="${TOPIC}",reason="bad-data"}`]:
            '_x5 1+0x30',
          'process_start_time_seconds{process="product"}': still(1),
        },
        { ...LABELS, reason: 'bad-data' },
      ),
      silent('the last one was long ago', 40, {
        [`kafka_consumer_dead_letters_total{process="product",group="product",topic="${TOPIC}",reason="bad-data"}`]:
          '_x5 1+0x40',
        'process_start_time_seconds{process="product"}': still(1),
      }),
    ],
  },
  {
    alert: 'OutboxStands',
    cases: [
      fires('the broker is away', 10, outbox('outbox_oldest_age_seconds', growing(60)), { process: 'order' }),
      silent('events wait for a second', 10, outbox('outbox_oldest_age_seconds', still(1))),
      silent('the relay changed hands', 20, outbox('outbox_oldest_age_seconds', '0+0x5 0+60x3 0+0x20')),
    ],
  },
  {
    alert: 'OutboxBacklog',
    cases: [
      fires('more are written than go out', 30, outbox('outbox_pending', growing(1_000)), {
        process: 'order',
      }),
      silent('a crowd came', 30, outbox('outbox_pending', '0+3000x3 0+0x40')),
    ],
  },
  {
    alert: 'EventsBuried',
    cases: [
      fires(
        'the broker refuses one for good',
        10,
        // Every replica reports the same of the tables: it is one alert.
        { ...outbox('outbox_dead', still(1)), ...outbox('outbox_dead', still(1), 'b') },
        { process: 'order' },
      ),
      silent('none is', 10, outbox('outbox_dead', still(0))),
    ],
  },
];
