// The document that other languages and tools read, held against the contracts, against the code that writes records, and against the
// standard's own JSON Schema. Its parser was asked by hand too: @asyncapi/parser 3.6.6 found no error on 2026-11-29.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import { ASYNC_API_FILE, asyncApi, asyncApiFault } from '../test/contracts/asyncapi.ts';
import { eventContracts, jsonSchemaOf } from '../test/contracts/golden-schemas.ts';
import { type Document, resolve } from '../test/contracts/openapi-rules.ts';
import { encodeEvent } from './envelope.ts';
import { PROCESSES } from './processes.ts';
import { orderService } from './shop-processes.ts';
import { orderPlaced } from './shop-topics.ts';
import { TOPICS } from './topics.ts';

/** As far as these rules look. */
interface AsyncApi {
  channels: Record<
    string,
    {
      messages: Record<string, { $ref: string }>;
      bindings: { kafka: { partitions: number; topicConfiguration: Record<string, unknown> } };
    }
  >;
  operations: Record<string, { action: string; channel: { $ref: string } }>;
  components: { messages: Record<string, { headers: object; payload?: { schema: { $ref: string } } }> };
}

const read = (): AsyncApi => JSON.parse(readFileSync(ASYNC_API_FILE, 'utf8'));
const committed = read();

/** Draft 07, as the standard's schema is written; formats are told and not checked. */
const ajv = () => new Ajv({ strict: false, validateFormats: false });
// It holds draft 07's own schema, which ajv would add once more.
const isAsyncApi: ValidateFunction = new Ajv({ meta: false, strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(new URL(import.meta.resolve('@asyncapi/specs/schemas/3.0.0.json')), 'utf8')),
);

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  );
}
const danglingIn = (document: AsyncApi): string[] =>
  referencesIn(document).filter((reference) =>
    reference.startsWith('#')
      ? resolve(reference, document as unknown as Document) === undefined
      : !existsSync(join(import.meta.dirname, reference)),
  );

describe('the AsyncAPI document', () => {
  it('that is committed is what the contracts give today', async () => {
    expect(await asyncApiFault()).toBeUndefined();
  });

  it('is valid AsyncAPI 3.0', () => {
    isAsyncApi(committed);
    expect(isAsyncApi.errors ?? []).toEqual([]);
  });

  it('refers to nothing that is not there', () => {
    expect(danglingIn(committed)).toEqual([]);
    expect(referencesIn(committed).filter((one) => one.startsWith('./schemas/'))).toHaveLength(TOPICS.length);
  });

  it('has an operation for each topic that a process reads or writes, and no other', () => {
    const expected = PROCESSES.flatMap(({ name, consumes, publishes }) => [
      ...consumes.map((topic) => `${name} receive ${topic.name}`),
      ...publishes.map((topic) => `${name} send ${topic.name}`),
    ]);
    const operations = Object.entries(committed.operations).map(([id, { action, channel }]) => {
      const [process] = id.split(`.${action}.`);
      return `${process} ${action} ${channel.$ref.replace('#/channels/', '')}`;
    });
    expect(operations.toSorted()).toEqual(expected.toSorted());
  });

  it('tells of each topic how many partitions it has, and how long it keeps what', () => {
    const { partitions, topicConfiguration } = committed.channels['order.placed']!.bindings.kafka;
    expect([partitions, topicConfiguration['cleanup.policy'], topicConfiguration['retention.ms']]).toEqual([
      orderPlaced.partitions,
      ['delete'],
      orderPlaced.retentionMs,
    ]);
    expect(committed.channels['order.placed.dlq']!.messages).toHaveProperty('dead-letter');
  });

  it('describes exactly the headers that an event is written with', () => {
    const event = { id: '1', source: 'order', time: '2026-11-29T12:00:00Z', traceparent: 'x', data: {} };
    for (const contract of eventContracts()) {
      const { headers } = encodeEvent({ ...contract, schema: { parse: () => ({}) } as never }, 'k', event);
      const schema = committed.components.messages[contract.type]!.headers as {
        properties: object;
        required: string[];
      };
      expect(ajv().validate(schema, headers)).toBe(true);
      expect(Object.keys(schema.properties).toSorted()).toEqual(Object.keys(headers).toSorted());
      expect(schema.required.toSorted()).toEqual(
        Object.keys(headers)
          .filter((name) => name !== 'traceparent')
          .toSorted(),
      );
    }
  });

  it('may call the goldens draft 07: they use no word that means something else there', () => {
    const later =
      /"(prefixItems|unevaluated\w+|dependent\w+|\$dynamic\w+|\$anchor|minContains|maxContains|\$defs)"/;
    expect(eventContracts().filter((one) => later.test(JSON.stringify(jsonSchemaOf(one))))).toEqual([]);
  });

  it('gives each event one channel: its key is told with the event', () => {
    expect(new Set(TOPICS.map(({ event }) => event.type)).size).toBe(TOPICS.length);
  });
});

describe('negative control', () => {
  const changed = (change: (document: AsyncApi) => void): AsyncApi => {
    const document = structuredClone(committed);
    change(document);
    return document;
  };

  it('a topic with other partitions, and a process that reads one more, are no longer what is committed', async () => {
    const topics = TOPICS.map((topic) => (topic === orderPlaced ? { ...topic, partitions: 7 } : topic));
    expect(await asyncApiFault(ASYNC_API_FILE, asyncApi(topics))).toContain('npm run asyncapi');
    const processes = [{ ...orderService, consumes: [...orderService.consumes, orderPlaced] }];
    expect(await asyncApiFault(ASYNC_API_FILE, asyncApi(TOPICS, processes))).toContain('npm run asyncapi');
    expect(await asyncApiFault(join(import.meta.dirname, 'none.json'))).toContain('is missing');
  });

  it.each<[string, (document: AsyncApi) => void]>([
    ['an action of no kind', (one) => (one.operations['order.send.order.placed']!.action = 'publish')],
    ['partitions that are no number', (one) => (one.channels['order.placed']!.bindings.kafka.partitions = 0)],
    [
      'an operation without a channel',
      (one) => delete (one.operations['order.send.order.placed'] as { channel?: object }).channel,
    ],
    ['a word of no meaning', (one) => Object.assign(one, { chanels: {} })],
  ])('%s is not valid AsyncAPI', (_what, change) => {
    expect(isAsyncApi(changed(change))).toBe(false);
  });

  it.each<[string, (document: AsyncApi) => void]>([
    ['#/channels/order.placed', (one) => delete one.channels['order.placed']],
    [
      './schemas/none.json',
      (one) =>
        (one.components.messages['shop.order.placed.v1']!.payload!.schema.$ref = './schemas/none.json'),
    ],
  ])('a reference to %s that is not there is found', (reference, change) => {
    expect(danglingIn(changed(change))).toContain(reference);
  });
});
