// Records in, the broker's acknowledgement out, by a producer that is made when it is first needed and anew after any failure.
// After a failed send kafkajs gives the same sequence numbers to the next batch: had the broker taken the failed one, it would
// drop the other as its repetition, and acknowledge it.
import { createProducer, type KafkaClient, type Message, type Producer } from './client.ts';

/** Few: the caller tries again itself, and must be able to stop. */
const RETRY_COUNT_MAX = 2;

interface ConnectedProducer {
  readonly kafka: Producer;
  readonly connecting: Promise<void>;
}

/** Sends for one user after the other. At least once: a send that failed may have arrived. */
export class Sender {
  private readonly client: KafkaClient;
  private producer: ConnectedProducer | undefined;

  constructor(client: KafkaClient) {
    this.client = client;
  }

  /** Resolves when every in-sync replica has the records. @throws what the client says otherwise */
  async send(topic: string, messages: Message[]): Promise<void> {
    const producer = this.current();
    try {
      await producer.connecting;
      await producer.kafka.send({ topic: this.client.nameOf(topic), acks: -1, messages });
    } catch (error) {
      if (this.producer === producer) this.producer = undefined;
      // Also when it was closed meanwhile: kafkajs connects again in order to retry.
      await producer.kafka.disconnect().catch(() => {});
      throw error;
    }
  }

  /** Also ends a send in progress, whose outcome is then unknown. */
  async close(): Promise<void> {
    const closing = this.producer;
    this.producer = undefined;
    await closing?.kafka.disconnect().catch(() => {});
  }

  private current(): ConnectedProducer {
    if (this.producer) return this.producer;
    const kafka = createProducer(this.client, { retryCountMax: RETRY_COUNT_MAX });
    // Known before it is there, so that a stop can end a connection that does not come about.
    this.producer = { kafka, connecting: kafka.connect() };
    return this.producer;
  }
}
