// A consumer whose fetches bring whole record batches: kafkajs manages the group and the connections, we read the log.
import type { Consumer, ConsumerConfig, Kafka } from 'kafkajs';
import { type Broker, clusterFactoryOf, type ProtocolCall } from './cluster.ts';
import { decodeFetch, type PartitionFault } from './fetch-response.ts';

const FETCH_KEY = 1;
const FETCH_VERSION = 11;

export interface BatchConsumer {
  readonly consumer: Consumer;
  /** Ends the fetches that wait for news, and makes no more: for a consumer that is to be disconnected now. */
  endWaiting(): void;
}

export interface BatchConsumerOptions {
  readonly config: Omit<ConsumerConfig, 'maxWaitTimeInMs'>;
  /**
   * How long the next fetch may wait for news, in whole ms; asked for each fetch. So long, too, it takes until partitions are
   * looked for again when there are none to fetch.
   */
  readonly waitMs: () => number;
  /** Told of partitions that only they are in trouble: without it kafkajs gives the whole fetch up. */
  readonly onFault: (fault: PartitionFault) => void;
}

/**
 * A consumer that receives `BatchMessage`s. Markers and aborted records reach it too, so that its position can move over
 * them: `visitRecords` leaves them out.
 */
export function createBatchConsumer(kafka: Kafka, options: BatchConsumerOptions): BatchConsumer {
  const factory = clusterFactoryOf(kafka);
  const fetches = new Fetches(options);
  factory.replace((given) => {
    const cluster = factory.create(given);
    const findBroker = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (query) => fetches.readByBatch(await findBroker(query));
    return cluster;
  });
  try {
    const config = { ...options.config, maxWaitTimeInMs: askedEachTime(options.waitMs) };
    return { consumer: kafka.consumer(config), endWaiting: () => fetches.endWaiting() };
  } finally {
    factory.replace(factory.create);
  }
}

/** kafkajs takes a fixed number. It only ever calculates with it, so an object whose `valueOf` is asked at each use works too. */
const askedEachTime = (value: () => number): number => ({ valueOf: value }) as unknown as number;

/** The answer to a fetch, as kafkajs reads it, that brings nothing. */
const NOTHING = { responses: [] };

/** The fetches of one consumer. */
class Fetches {
  private readonly options: BatchConsumerOptions;
  private readonly patched = new WeakSet<Broker>();
  private readonly underWay = new Set<() => void>();
  private isEnding = false;

  constructor(options: BatchConsumerOptions) {
    this.options = options;
  }

  readByBatch(broker: Broker): Broker {
    if (this.patched.has(broker)) return broker;
    this.patched.add(broker);
    const pool = broker.connectionPool;
    const send = pool.send.bind(pool);
    pool.send = (call: ProtocolCall) => {
      const { apiKey, apiVersion } = call.request;
      if (apiKey !== FETCH_KEY || apiVersion !== FETCH_VERSION) return send(call);
      const response = {
        decode: (raw: Buffer) => decodeFetch(raw, this.options.onFault),
        parse: (decoded: unknown) => call.response.parse(decoded),
      };
      if (this.isEnding) return Promise.resolve(NOTHING);
      // kafkajs would wait for the answer even when it disconnects.
      const giveUp = (): void => pool.pool[1]?.requestQueue.rejectAll(new Error('the consumer stops'));
      return this.waitFor(send({ request: call.request, response }), giveUp);
    };
    return broker;
  }

  endWaiting(): void {
    this.isEnding = true;
    for (const end of this.underWay) end();
  }

  private waitFor(answer: Promise<unknown>, giveUp: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        resolve(NOTHING);
        giveUp();
      };
      this.underWay.add(end);
      answer.then(resolve, reject).finally(() => this.underWay.delete(end));
    });
  }
}
