import { beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '#runtime/http/problem.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import {
  deadLetters,
  flow,
  letter,
  processes,
  processShown,
  reconciliations,
  startTestPlatform,
  streamed,
  type TestPlatform,
  totals,
  verdict,
} from './test-platform.ts';
import { refusal } from './test-services.ts';

const platform = openForSpec(() => startTestPlatform());
beforeEach(() => {
  platform.site.services.requests.length = 0;
  platform.console('/api/totals', { body: totals() });
  platform.console('/api/processes', { body: processes() });
  platform.console('/api/dead-letters', { body: deadLetters() });
  platform.console('/api/reconciliations', { body: reconciliations() });
});

const page = async (url: string, role: 'guest' | 'customer' | 'admin' = 'guest', headers = {}) =>
  (await platform.visitor(role).get(url, headers)).body;
/** Parts that a stream has sent, the last of each name. */
function partsOf(stream: string): Record<string, string> {
  const data = [...stream.matchAll(/^event: parts\ndata: (.*)$/gm)].map(
    ([, text]) => JSON.parse(text!) as object,
  );
  return Object.assign({}, ...data) as Record<string, string>;
}
const AWAY = { status: 503, body: { code: 'broker-away', detail: 'Kafka does not answer now.' } };

describe('the diagram', () => {
  it('has every process with its state in words, and every two that speak with rate and lag', async () => {
    platform.console('/api/processes', {
      body: processes({
        processes: [
          processShown('order'),
          processShown('payment', { state: 'not-ready', words: ['postgres fails'] }),
          processShown('analytics', { cloud: 'google-cloud', runsOn: 'cloud-run-worker-pool' }),
        ],
        flows: [
          flow('payment.requested', 'order', 'payment', { eventsPerS: 2.5, lag: 1_200 }),
          flow('order.cancelled', 'order', 'payment', { eventsPerS: 0.5, lag: 34 }),
        ],
      }),
    });
    const body = await page('/platform', 'guest', { 'accept-language': 'de-DE' });
    const [, drawing = ''] = /<svg class="diagram".*?>(.*?)<\/svg>/s.exec(body) ?? [];
    expect(drawing.match(/class="diagram-node" data-state="not-ready"/g)).toHaveLength(1);
    expect(drawing).toContain('payment is not ready');
    expect(drawing.match(/class="diagram-arrow"/g)).toHaveLength(1);
    // One arrow for both topics.
    expect(drawing).toContain('>3/s<');
    expect(drawing).toMatch(/data-flow="behind".*1234 behind|data-flow="behind".*1,2.*behind/s);
    for (const words of ['AWS', 'Google Cloud', 'RDS', 'Cloud SQL']) expect(drawing).toContain(words);
  });

  it('is shown as tables too, with topics that no process reads', async () => {
    const unread = { topic: 'notification.sent', from: 'notification', eventsPerS: 0.25, lag: null };
    platform.console('/api/processes', { body: processes({ flows: [unread] }) });
    const body = await page('/platform');
    expect(body).toMatch(
      /notification\.sent<\/th><td>notification<\/td><td>nobody<\/td><td class="number">0\.25\/s/,
    );
  });

  it('says that rates are unknown while Kafka is away, and draws the rest', async () => {
    const flows = [flow('order.placed', 'order', 'analytics', { eventsPerS: null, lag: null })];
    platform.console('/api/processes', { body: processes({ isBrokerThere: false, flows }) });
    const body = await page('/platform');
    expect(body).toContain('Kafka does not answer');
    expect(body).toContain('–/s');
    expect(body).not.toContain('>0/s<');
  });

  it('is replaced by a sentence while the console cannot answer, and the rest of the page is there', async () => {
    platform.console('/api/processes', { status: 502 });
    const { status, body } = await platform.visitor('guest').get('/platform');
    expect([status, body.includes('The processes are not known now.')]).toEqual([200, true]);
  });

  it('follows, beside the numbers, and says to screen readers what changes', async () => {
    platform.console('/api/live', { stream: [streamed('totals', totals())] });
    platform.console('/api/processes', {
      body: processes({ processes: [processShown('order', { state: 'away' })], flows: [] }),
    });
    const parts = partsOf((await platform.visitor('guest').get('/platform/events')).body);
    expect(Object.keys(parts).toSorted()).toEqual(['diagram', 'flows', 'tiles', 'words']);
    expect(parts.words).toBe('order does not answer.');
  });

  it('shows what others wrote as text', async () => {
    const words = ['<img src=x onerror=alert(1)>'];
    platform.console('/api/processes', {
      body: processes({ processes: [processShown('order', { state: 'degraded', words })] }),
    });
    expect(await page('/platform')).not.toContain('<img src=x');
  });
});

describe('dead letters', () => {
  const some = deadLetters({
    topics: [{ topic: 'order.placed', waiting: 2 }],
    letters: [letter(), letter({ offset: 18, isWhole: false, key: undefined, detail: '<b>bold</b>' })],
  });

  it('are shown by topic, with the reason, the consumer that refused them, and the place of the record', async () => {
    platform.console('/api/dead-letters', { body: some });
    const body = await page('/platform/dead-letters');
    for (const words of [
      'bad-data',
      'lines: too small',
      'payment',
      'order.placed 4/1832',
      '1,532 bytes',
      '2 letters',
    ])
      expect(body).toContain(words);
    expect(body).toContain('kept in part only');
    expect(body).toContain('&lt;b>bold');
  });

  it('that are none are good news', async () => {
    expect(await page('/platform/dead-letters')).toContain('No dead letters');
  });

  it('cannot be read while Kafka is away, which is said', async () => {
    platform.console('/api/dead-letters', AWAY);
    const { status, body } = await platform.visitor('guest').get('/platform/dead-letters');
    expect([status, body.includes('Kafka does not answer now.')]).toEqual([200, true]);
    expect((await platform.visitor('guest').get('/platform/dead-letters/events')).body).toContain(
      'Waiting for Kafka',
    );
  });

  it('come and go on an open page', async () => {
    platform.console('/api/dead-letters', { body: some });
    const { letters } = partsOf((await platform.visitor('guest').get('/platform/dead-letters/events')).body);
    expect(letters).toContain('bad-data');
  });

  it('can be replayed by admins alone, who are shown a button', async () => {
    platform.console('/api/dead-letters', { body: some });
    const buttons = (body: string) => body.match(/action="\/platform\/dead-letters\/replay"/g)?.length ?? 0;
    expect(buttons(await page('/platform/dead-letters', 'admin'))).toBe(1);
    for (const role of ['guest', 'customer'] as const)
      expect(buttons(await page('/platform/dead-letters', role))).toBe(0);
  });

  it('show how far a replay is and how it ended', async () => {
    const replay = {
      topic: 'order.placed',
      startedAt: totals().asOf,
      replayed: 2,
      left: 1,
      hasFailed: false,
    };
    platform.console('/api/dead-letters', { body: { ...some, replay } });
    const running = await page('/platform/dead-letters', 'admin');
    expect(running).toContain('order.placed is being replayed: 2 replayed, 1 left');
    expect(running).toMatch(/<button class="button" disabled[^>]*>Replay all 2/);
    platform.console('/api/dead-letters', {
      body: deadLetters({ replay: { ...replay, endedAt: totals().asOf } }),
    });
    expect(await page('/platform/dead-letters')).toContain('order.placed was replayed at');
    const failed = { ...replay, endedAt: totals().asOf, hasFailed: true };
    platform.console('/api/dead-letters', { body: deadLetters({ replay: failed }) });
    expect(await page('/platform/dead-letters')).toContain('broke off');
  });
});

describe('reconciliations', () => {
  it('that never ran say so, and by which command they do', async () => {
    const body = await page('/platform/reconciliations');
    expect(body.match(/Never run/g)).toHaveLength(3);
    for (const command of ['npm run reconcile<', 'npm run reconcile:orders<', 'npm run reconcile:payments<'])
      expect(body).toContain(command);
  });

  it('that the console keeps nowhere are explained, with the commands to run elsewhere', async () => {
    platform.console('/api/reconciliations', {
      body: { asOf: totals().asOf, reconciliations: [] },
    });
    const body = await page('/platform/reconciliations');
    for (const words of ['No comparison runs here', 'npm run reconcile<', 'npm run reconcile:payments<'])
      expect(body).toContain(words);
  });

  it.each([
    ['equal', {}, 'Equal: no difference'],
    ['different', { differenceCount: 2 }, '2 differences'],
    ['unfinished', { pendingCount: 3 }, '3 still on their way'],
    ['could-not-look', { words: 'the database is away' }, 'the database is away'],
  ])('that ended %s say so', async (outcome, change, words) => {
    platform.console('/api/reconciliations', {
      body: reconciliations({ name: 'counts', last: verdict({ outcome, ...change }) }),
    });
    const body = await page('/platform/reconciliations');
    expect(body).toContain(`data-outcome="${outcome}"`);
    expect(body).toContain(words);
  });

  it('show the first differences, and how many are not shown', async () => {
    const findings = [{ where: 'firestore', key: '08:14 small', what: 'expected 3, found 2 <i>' }];
    const last = verdict({ outcome: 'different', differenceCount: 12, findings });
    platform.console('/api/reconciliations', { body: reconciliations({ name: 'counts', last }) });
    const body = await page('/platform/reconciliations');
    for (const words of ['firestore', '08:14 small', 'expected 3, found 2 &lt;i>', '11 more are not shown'])
      expect(body).toContain(words);
  });

  it('can be started by admins alone, one at a time', async () => {
    const forms = (body: string) => body.match(/action="\/platform\/reconciliations\/\w+"/g)?.length ?? 0;
    expect([
      forms(await page('/platform/reconciliations')),
      forms(await page('/platform/reconciliations', 'admin')),
    ]).toEqual([0, 3]);
    platform.console('/api/reconciliations', {
      body: reconciliations({ name: 'counts', runningSince: totals().asOf }),
    });
    expect(
      (await page('/platform/reconciliations', 'admin')).match(/<button class="button quiet" disabled/g),
    ).toHaveLength(3);
  });

  it('follow on an open page', async () => {
    const { verdicts } = partsOf(
      (await platform.visitor('guest').get('/platform/reconciliations/events')).body,
    );
    expect(verdicts).toContain('Never run');
  });
});

const CHANGES = [
  ['/platform/dead-letters/replay', '/api/dead-letters/replay', '/platform/dead-letters'],
  ['/platform/reconciliations/orders', '/api/reconciliations/orders/runs', '/platform/reconciliations'],
] as const;

describe.each(CHANGES)('a change by %s', (url, api, leadsTo) => {
  const done = {
    '/api/dead-letters/replay': {
      topic: 'order.placed',
      startedAt: totals().asOf,
      replayed: 0,
      left: 0,
      hasFailed: false,
    },
    '/api/reconciliations/orders/runs': { name: 'orders' },
  }[api];
  const form = { topic: 'order.placed' };
  const answer = (given: Parameters<TestPlatform['site']['services']['answers']['set']>[1]) =>
    platform.site.services.answers.set(`POST ${api}`, given);
  beforeEach(() => {
    answer({ status: 202, body: done });
  });

  it('of an admin goes to the console with the admin’s token, and back to the page', async () => {
    const { status, headers } = await platform.visitor('admin').post(url, form);
    expect([status, headers.location]).toEqual([303, leadsTo]);
    const [sent] = platform.site.services.sent(`POST ${api}`);
    expect(sent!.headers.authorization).toBe('Bearer access.admin');
    if (api.includes('dead')) expect(sent!.body).toEqual(form);
  });

  it.each([
    ['guest', 303],
    ['customer', 403],
  ] as const)('of a %s never reaches the console', async (role, status) => {
    expect((await platform.visitor(role).post(url, form)).status).toBe(status);
    expect(platform.site.services.sent(`POST ${api}`)).toEqual([]);
  });

  it('that another site asks for is refused', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect((await platform.visitor('admin').post(url, form, headers)).status).toBe(403);
    expect(platform.site.services.sent(`POST ${api}`)).toEqual([]);
  });

  it('while another one runs leads to the page, which says so', async () => {
    answer(refusal(new Problem(409, 'running', 'Another one is running.')));
    expect((await platform.visitor('admin').post(url, form)).headers.location).toBe(leadsTo);
  });

  it('is shown as failed when the console is away', async () => {
    answer({ status: 503 });
    expect((await platform.visitor('admin').post(url, form)).status).toBe(503);
  });
});

it.each([
  ['/platform/dead-letters/replay', {}],
  ['/platform/dead-letters/replay', { topic: '../orders' }],
  ['/platform/reconciliations/everything', {}],
  ['/platform/reconciliations/..%2f..%2flivez', {}],
])('what is no such thing is not asked of the console: %s %p', async (url, form) => {
  expect((await platform.visitor('admin').post(url, form)).status).toBe(404);
  expect(platform.site.services.requests.filter(({ call }) => call.startsWith('POST /api'))).toEqual([]);
});
