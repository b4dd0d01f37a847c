// Topics and processes of the contracts in, the AsyncAPI 3.0 document of all that is said over Kafka out: for readers, generators and
// tools that know none of our code. Data are described by the golden schemas beside the document.
// Source: AsyncAPI 3.0.0; Kafka bindings 0.5.0; CloudEvents Kafka Protocol Binding 1.0.2 §3.2 (headers).
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { EventContract } from '#contracts/envelope.ts';
import type { Process } from '#contracts/process.ts';
import { PROCESSES } from '#contracts/processes.ts';
import type { Topic } from '#contracts/topic.ts';
import { TOPICS, type TopicSettings, topicSettings } from '#contracts/topics.ts';
import { DEAD_LETTER_HEADERS } from '#runtime/kafka/dead-letters.ts';
import { goldenFileOf } from './golden-schemas.ts';

/** Where the document is committed. */
export const ASYNC_API_FILE = fileURLToPath(new URL('../../contracts/asyncapi.json', import.meta.url));

const BINDING_VERSION = '0.5.0';
/** The goldens say 2020-12 and use no word that draft-07 understands otherwise; a tool must know only draft-07. */
const DATA_FORMAT = 'application/schema+json;version=draft-07';
const DEAD_LETTER = 'dead-letter';

type Json = Readonly<Record<string, unknown>>;

/** The document of these topics and processes; by default of all there are. */
export const asyncApi = (topics = TOPICS, processes = PROCESSES): Json => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Two-cloud shop',
    // Each event has a major version in its type; the document has none beside them.
    version: '1.0.0',
    description:
      'All events of the shop. Each is a CloudEvent in Kafka’s binary mode: attributes in `ce_` headers, the data as JSON in the value. ' +
      'Events come at least once; of one key they come in the order in which they were published. ' +
      'An operation is named by the process that it is of. Written by `npm run asyncapi` from contracts/.',
    license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
  },
  defaultContentType: 'application/json',
  servers: {
    local: { host: '127.0.0.1:19092', protocol: 'kafka', description: 'The broker of `npm start`' },
  },
  channels: Object.fromEntries(topicSettings(topics).map((one) => [one.topic, channelOf(one, topics)])),
  operations: Object.fromEntries(processes.flatMap(operationsOf)),
  components: {
    messages: {
      ...Object.fromEntries(topics.map((topic) => [topic.event.type, messageOf(topic)])),
      [DEAD_LETTER]: deadLetterMessage(),
    },
  },
});

function channelOf({ topic: address, partitions, config }: TopicSettings, topics: readonly Topic<unknown>[]) {
  const own = topics.find(({ name }) => name === address);
  const source = topics.find(({ deadLetters }) => deadLetters === address);
  const message = own ? own.event.type : DEAD_LETTER;
  return {
    address,
    description: own
      ? `Keyed by ${own.key}: what has the same key is in order.`
      : `What a consumer of ${source?.name} could not read, with its reason.`,
    messages: { [message]: { $ref: `#/components/messages/${message}` } },
    bindings: {
      kafka: { partitions, topicConfiguration: topicConfiguration(config), bindingVersion: BINDING_VERSION },
    },
  };
}

/** As the binding wants it: policies as a list, numbers as numbers. */
const topicConfiguration = (config: TopicSettings['config']): Json =>
  Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      if (name === 'cleanup.policy') return [name, value.split(',')];
      return [name, /^-?\d+$/.test(value) ? Number(value) : value];
    }),
  );

function operationsOf(process: Process): [string, Json][] {
  const { name, consumes, publishes, runsOn } = process;
  const tags = [{ name }];
  // A service is one member of one group, which has its name; the worker names its groups itself.
  const group = runsOn === 'eks' ? { groupId: { type: 'string', enum: [name] } } : {};
  return [
    ...consumes.map(({ name: topic }): [string, Json] => [
      `${name}.receive.${topic}`,
      {
        action: 'receive',
        channel: channelReference(topic),
        summary: `${name} takes in what ${topic} says`,
        tags,
        bindings: { kafka: { ...group, bindingVersion: BINDING_VERSION } },
      },
    ]),
    ...publishes.map(({ name: topic }): [string, Json] => [
      `${name}.send.${topic}`,
      { action: 'send', channel: channelReference(topic), summary: `${name} publishes ${topic}`, tags },
    ]),
  ];
}

/** A pointer into the document: RFC 6901 has `/` and `~` escaped, which no topic's name has. */
const channelReference = (topic: string): Json => ({ $ref: `#/channels/${topic}` });

const messageOf = ({ event, key }: Topic<unknown>): Json => ({
  name: event.type,
  title: event.type,
  contentType: 'application/json',
  headers: eventHeaders(event),
  payload: { schemaFormat: DATA_FORMAT, schema: { $ref: `./schemas/${goldenFileOf(event.type)}` } },
  bindings: { kafka: { key: { type: 'string', description: key }, bindingVersion: BINDING_VERSION } },
});

/** What `encodeEvent` writes; a spec encodes one of each and compares. */
const eventHeaders = ({ type }: EventContract<unknown>): Json => ({
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'content-type'],
  properties: {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: { type: 'string', minLength: 1, description: 'unique for its source; the same cause repeats it' },
    ce_source: { type: 'string', minLength: 1 },
    ce_type: { type: 'string', const: type },
    ce_time: { type: 'string', format: 'date-time', description: 'when it happened' },
    'content-type': { type: 'string', const: 'application/json' },
    traceparent: { type: 'string', description: 'W3C trace context of the cause, where there is one' },
  },
});

const deadLetterMessage = (): Json => {
  const { reason, detail, consumer, topic, partition, offset, cut, valueBytes, valueHash } =
    DEAD_LETTER_HEADERS;
  const text = (description: string): Json => ({ type: 'string', description });
  return {
    name: DEAD_LETTER,
    title: 'A record that a consumer refused',
    summary:
      'The record’s own key, value and headers as they came, whatever they are, and why it was refused',
    contentType: 'application/octet-stream',
    headers: {
      type: 'object',
      required: [reason, detail, consumer, topic, partition, offset],
      properties: {
        [reason]: text('a code'),
        [detail]: text('for people; no values of the record'),
        [consumer]: text('the process that refused it'),
        [topic]: text('where it lies'),
        [partition]: text('in which partition'),
        [offset]: text('at which offset'),
        [cut]: text('what was left out, where the broker did not take it whole'),
        [valueBytes]: text('length of a value, where something was left out'),
        [valueHash]: text('SHA-256 of a value, where something was left out'),
      },
    },
  };
};

/** Its text as it is committed. */
export const asyncApiText = (document: Json): string => `${JSON.stringify(document, undefined, 2)}\n`;

/** The message for a person; undefined when the committed document is the present one. */
export async function asyncApiFault(file = ASYNC_API_FILE, today = asyncApi()): Promise<string | undefined> {
  const committed = await readFile(file, 'utf8').catch(() => undefined);
  if (committed === undefined) return `${file} is missing: npm run asyncapi`;
  if (committed === asyncApiText(today)) return undefined;
  return 'contracts/asyncapi.json differs from the contracts; look at the difference: npm run asyncapi && git diff';
}
