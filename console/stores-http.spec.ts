import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import type { WindowTotal } from '#contracts/analytics.ts';
import { createHttp } from '#runtime/http/server.ts';
import { createLogger } from '#runtime/log.ts';
import { createRegistry } from '#runtime/metrics.ts';
import type { Pool } from '#runtime/postgres/database.ts';
import { cloudSqlStore } from './stores/cloud-sql.ts';
import { firestoreStore } from './stores/firestore.ts';
import { gcsStore } from './stores/gcs.ts';
import { resultsTopicStore } from './stores/results-topic.ts';
import { useStores } from './stores-http.ts';
import type { TopicTail } from './topic-tail.ts';

/** Stores whose servers do not exist: each request is answered that they are away. */
const NOWHERE = '127.0.0.1:9';
const emptyPool = { query: async () => ({ fields: [], rows: [] }) } as unknown as Pool;
const emptyTail = { records: () => [], isReading: () => true } as unknown as TopicTail<WindowTotal>;

let app: FastifyInstance;
let firestore: ReturnType<typeof firestoreStore>;
beforeAll(() => {
  process.env.FIRESTORE_EMULATOR_HOST = NOWHERE;
  firestore = firestoreStore('nowhere', '(default)');
  app = createHttp({ log: createLogger('spec', 'silent'), registry: createRegistry('spec') });
  const gcs = gcsStore({ projectId: 'nowhere', bucket: 'results', endpoint: `http://${NOWHERE}` });
  useStores(app, [cloudSqlStore(emptyPool), firestore, gcs, resultsTopicStore(emptyTail)]);
});
afterAll(async () => {
  await app.close();
  await firestore.close();
});

const get = async (url: string) => {
  const answer = await app.inject({ url });
  return { status: answer.statusCode, body: answer.body };
};
const GARBAGE = [
  'x',
  '-1',
  '1.5',
  '1e9',
  ' 1',
  '0x10',
  '99999999',
  'Infinity',
  'a/b',
  '../x',
  '.',
  '__x__',
  '\0',
  '%25',
  'é',
  '',
];

it('the stores are named in the order in which they were given', async () => {
  const { stores } = JSON.parse((await get('/api/stores')).body);
  expect(stores.map(({ name }: { name: string }) => name)).toEqual([
    'cloud-sql',
    'firestore',
    'gcs',
    'results-topic',
  ]);
});

describe('a page of a store', () => {
  it.each(['cloud-sql', 'firestore', 'gcs', 'results-topic'])(
    'of %s after garbage is refused with the name of the field, and nothing is said of the store',
    async (name) => {
      for (const after of GARBAGE) {
        const url = `/api/stores/${name}?after=${encodeURIComponent(after)}`;
        const { status, body } = await get(url);
        expect({ after, status, code: JSON.parse(body).code }).toEqual({
          after,
          status: 400,
          code: 'bad-request',
        });
        expect(JSON.parse(body).detail).toMatch(/^after must be the next of a page before/);
      }
    },
  );

  it.each([
    ['limit=0', /^limit must be/],
    ['limit=x&after=1&after=2', /^limit must be .* after must be one text/],
    [`after=${'1'.repeat(501)}`, /^after must be one text/],
    [`view=${'a'.repeat(101)}`, /^view must be/],
  ])('with %s is refused with what each field must be', async (query, detail) => {
    const { status, body } = await get(`/api/stores/cloud-sql?${query}`);
    expect([status, JSON.parse(body).detail]).toEqual([400, expect.stringMatching(detail)]);
  });

  it.each(['cloud-sql', 'results-topic'])('of %s after a number is read', async (name) => {
    expect((await get(`/api/stores/${name}?after=25`)).status).toBe(200);
  });

  it('of a store that does not answer says so', async () => {
    const { status, body } = await get('/api/stores/gcs?after=25');
    expect([status, JSON.parse(body).code]).toEqual([503, 'store-away']);
  }, 20_000);
});
