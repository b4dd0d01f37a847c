// A storefront with platform pages for their specs: a stand-in for the console, whose answers a spec sets, and visitors by role.
import type { Answers, CannedAnswer } from './test-services.ts';
import { startTestSite, type TestSite, type Visitor } from './test-site.ts';

export interface TestPlatform {
  readonly site: TestSite;
  /** What the console answers, by its path: `/api/totals`. */
  console(path: string, answer: CannedAnswer): void;
  /** Signed in; a guest is not. */
  visitor(role: 'guest' | 'customer' | 'admin'): Visitor;
  close(): Promise<void>;
}

/** By the console's own words (console/answers.ts). */
export const totals = (change: Record<string, unknown> = {}) => ({
  minutes: 30,
  asOf: '2026-11-29T08:14:30.000Z',
  labels: ['thumbnail', 'small', 'medium', 'large', 'xlarge', 'oversize'],
  windows: [],
  sums: { events: 1_204, bytes: '9007199254740993', lateEvents: 3, photos: 301, deadLetters: 2, lag: 7 },
  ...change,
});

export const STORES = {
  stores: [
    { name: 'cloud-sql', title: 'Cloud SQL' },
    { name: 'gcs', title: 'Cloud Storage' },
  ],
};
const AS_OF = '2026-11-29T08:14:30.000Z';

type Change = Record<string, unknown>;
/** One process of the console's answer, and one flow. */
export const processShown = (name: string, change: Change = {}) => ({
  name,
  runsOn: 'eks',
  cloud: 'aws',
  stores: ['postgres'],
  state: 'ready',
  words: [],
  ...change,
});
export const flow = (topic: string, from: string, to: string, change: Change = {}) => ({
  topic,
  from,
  to,
  eventsPerS: 0,
  lag: 0,
  ...change,
});
export const processes = (change: Change = {}) => ({
  asOf: AS_OF,
  isBrokerThere: true,
  processes: [
    processShown('order'),
    processShown('payment'),
    processShown('analytics', { runsOn: 'cloud-run-worker-pool', cloud: 'google-cloud' }),
  ],
  flows: [
    flow('payment.requested', 'order', 'payment'),
    flow('order.placed', 'order', 'analytics'),
    flow('payment.succeeded', 'payment', 'order'),
    flow('payment.succeeded', 'payment', 'analytics'),
  ],
  ...change,
});
export const letter = (change: Change = {}) => ({
  topic: 'order.placed',
  partition: 1,
  offset: 17,
  at: AS_OF,
  reason: 'bad-data',
  detail: 'lines: too small',
  consumer: 'payment',
  origin: 'order.placed 4/1832',
  isWhole: true,
  key: '0198c1b2-7f54-7cc3-98c4-dc0c0c07398f',
  valueBytes: 1_532,
  isJson: true,
  fields: ['orderId', 'lines'],
  unknownFieldCount: 1,
  ...change,
});
export const deadLetters = (change: Change = {}) => ({
  asOf: AS_OF,
  topics: [
    { topic: 'order.placed', waiting: 0 },
    { topic: 'stock.reserved', waiting: 0 },
  ],
  letters: [],
  ...change,
});
export const verdict = (change: Change = {}) => ({
  startedAt: AS_OF,
  endedAt: AS_OF,
  outcome: 'equal',
  words: '12 orders with their payments',
  differenceCount: 0,
  pendingCount: 0,
  findings: [],
  ...change,
});
export const reconciliations = (...some: Change[]) => ({
  asOf: AS_OF,
  reconciliations: [
    ...some,
    ...['counts', 'orders', 'payments'].map((name) => ({ name })).slice(some.length),
  ],
});

const EMPTY_STORE = { about: 'Nothing.', views: [], columns: [{ name: 'object' }], rows: [] };

/** One event of a stream of the console. */
export const streamed = (event: string, data: unknown): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Whoever signs in with this token has the role of its name. */
const ROLES = ['customer', 'admin'] as const;
const tokenOf = (role: string) => `access.${role}`;

/** @param settings beside CONSOLE_URL; streams end after a moment, so that a spec can read them whole */
export async function startTestPlatform(settings: Record<string, string> = {}): Promise<TestPlatform> {
  const site = await startTestSite(
    { PLATFORM_FOR: 'anyone', PLATFORM_STREAM_MS_MAX: '300', PLATFORM_RETRY_MS: '20', ...settings },
    (services) => ({ CONSOLE_URL: services.url }),
  );
  const { answers } = site.services;
  answers.set('GET /users/me', profile);
  answers.set('GET /api/totals', { body: totals() });
  answers.set('GET /api/stores', { body: STORES });
  answers.set('GET /api/processes', { body: processes() });
  answers.set('GET /api/dead-letters', { body: deadLetters() });
  answers.set('GET /api/reconciliations', { body: reconciliations() });
  for (const { name } of STORES.stores) answers.set(`GET /api/stores/${name}`, { body: EMPTY_STORE });
  answers.set('GET /cart', { body: { lines: [], totals: [], isOrderable: false } });
  return {
    site,
    console: (path, answer) => answers.set(`GET ${path}`, answer),
    visitor: (role) => {
      const visitor = site.visitor();
      if (role !== 'guest') visitor.cookies.set('shop-access', tokenOf(role));
      return visitor;
    },
    close: () => site.close(),
  };
}

const profile: Answers extends Map<string, infer Answer> ? Answer : never = ({ headers }) => {
  const role = ROLES.find((name) => headers.authorization === `Bearer ${tokenOf(name)}`);
  return role
    ? { body: { userId: `the-${role}`, email: `${role}@mail.example`, role } }
    : { status: 401, body: { code: 'invalid-token' } };
};
