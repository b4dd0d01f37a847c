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
