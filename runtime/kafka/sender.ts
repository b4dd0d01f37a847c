// In: records. Out: the broker's acknowledgement. The producer is made when it is first needed, and a new one after any failure.
// After a failed send kafkajs gives the same sequence numbers to the next batch: had the broker taken the failed one, it would
// drop the other as its repetition, and acknowledge it.
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { isTracing, type Span, startSpan } from '../spans.ts';
import { contextOf } from '../trace.ts';
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
    const spans = isTracing() ? messages.flatMap((message) => sendSpan(topic, message)) : [];
    try {
      await producer.connecting;
      await producer.kafka.send({ topic: this.client.nameOf(topic), acks: -1, messages });
      for (const span of spans) span.end();
    } catch (error) {
      for (const span of spans) span.end({}, error);
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

/**
 * In the trace that the record itself names, because a program such as the relay sends for many traces. The header stays as it was
 * written, so that a record which is sent again is the same.
 */
function sendSpan(topic: string, { headers }: Message): Span[] {
  const parent = contextOf(textOf(headers?.traceparent));
  if (parent === ROOT_CONTEXT) return [];
  const id = textOf(headers?.ce_id);
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'send',
    'messaging.destination.name': topic,
    ...(id && { 'messaging.message.id': id }),
  };
  return [startSpan(`send ${topic}`, { kind: 'producer', parent, attributes })];
}

const textOf = (header: unknown): string | undefined =>
  typeof header === 'string' || Buffer.isBuffer(header) ? String(header) : undefined;
