// What a failed send says: is it the record's own fault, its topic's, or an outage? Only the first ever buries a record.

/** Whose fault it is, and a word for metrics and rows that quotes nothing of the record. */
export interface SendFault {
  readonly of: 'record' | 'topic' | 'outage';
  readonly reason: string;
}

/** Error types of the Kafka protocol that come again however often this record is sent. */
const OF_THE_RECORD = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
]);
/** A topic that is not there yet, or not ours to write yet: an operator must act, and other topics need not wait. */
const OF_THE_TOPIC = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_AUTHORIZATION_FAILED']);

/**
 * Reads the error of a send. kafkajs wraps the broker's answer in its own errors, so causes are looked through. What is not
 * known to be the record's fault is an outage: an outage ends without a person, but an operator must decide about a buried event.
 */
export function faultOf(error: unknown): SendFault {
  const chain = causesOf(error);
  const types = chain.flatMap(({ type }) => (typeof type === 'string' ? [type] : []));
  const own = types.find((type) => OF_THE_RECORD.has(type));
  if (own) return { of: 'record', reason: own };
  const topic = types.find((type) => OF_THE_TOPIC.has(type));
  if (topic) return { of: 'topic', reason: topic };
  return { of: 'outage', reason: types[0] ?? chain.at(-1)?.name ?? 'unknown' };
}

/** The error and what caused it, outermost first. */
function causesOf(error: unknown): (Error & { type?: unknown })[] {
  const chain: Error[] = [];
  for (let one = error; one instanceof Error && !chain.includes(one); one = one.cause) chain.push(one);
  return chain;
}
