import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { openForSpec } from '../../test/open-for-spec.ts';
import { startTestPlatform, totals } from './test-platform.ts';

const STARTED = '2026-11-29T08:14:30.000Z';
const fault = (change: Record<string, unknown> = {}) => ({
  name: 'broker-down',
  title: 'Broker down',
  about: 'Kafka is stopped.',
  seconds: 20,
  phase: 'ready',
  steps: [],
  ...change,
});
const BROKEN = fault({
  phase: 'broken',
  startedAt: STARTED,
  overAt: '2026-11-29T08:14:50.000Z',
  steps: [{ at: STARTED, words: 'Kafka is <b>stopped</b>.' }],
});

const platform = openForSpec(() => startTestPlatform({ FAULTS: 'on' }));
beforeEach(() => {
  const { answers, requests } = platform.site.services;
  requests.length = 0;
  platform.console('/api/totals', { body: totals() });
  platform.console('/api/faults', { body: { faults: [fault()] } });
  answers.set('POST /api/faults/broker-down', { status: 202, body: BROKEN });
});
const sent = () => platform.site.services.requests.filter(({ call }) => call.startsWith('POST /api/'));
const textOf = (html: string): string => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

describe('the page of the faults', () => {
  it('shows each to every visitor who may look, and its button to admins only', async () => {
    const guest = await platform.visitor('guest').get('/platform/faults');
    expect(textOf(guest.body)).toMatch(/Broker down Kafka is stopped\. Healthy/);
    expect(guest.body).not.toContain('action="/platform/faults/');
    expect((await platform.visitor('customer').get('/platform/faults')).body).not.toContain(
      'action="/platform/faults/',
    );
    const admin = await platform.visitor('admin').get('/platform/faults');
    expect(admin.body).toContain('<form method="post" action="/platform/faults/broker-down">');
    expect(admin.body).toContain('href="/platform/faults"');
  });

  it('shows what is broken, until when, and what has happened, as text', async () => {
    platform.console('/api/faults', { body: { faults: [BROKEN] } });
    const { body } = await platform.visitor('guest').get('/platform/faults');
    expect(textOf(body)).toContain('Broken until 08:14:50');
    expect(body).toContain('Kafka is &lt;b>stopped&lt;/b>.');
  });

  it.each([
    ['repairing', {}, 'Being repaired'],
    ['comparing', {}, 'all records are compared'],
    ['failed', {}, 'Failed'],
    ['ready', { endedAt: '2026-11-29T08:15:00.000Z' }, 'Healthy since 08:15:00'],
  ])('says that a fault is %s', async (phase, change, words) => {
    platform.console('/api/faults', { body: { faults: [fault({ phase, ...change })] } });
    expect(textOf((await platform.visitor('guest').get('/platform/faults')).body)).toContain(words);
  });

  it('follows: numbers and faults come by its stream', async () => {
    platform.console('/api/faults', { body: { faults: [BROKEN] } });
    const { body } = await platform.visitor('guest').get('/platform/faults/events');
    expect(body).toContain('event: parts');
    expect(body).toContain('fault-broker-down');
    expect(body).toContain('Broken until 08:14:50');
    expect(body).toContain('data-tile');
  });

  it('says that the console is away, and comes back', async () => {
    platform.console('/api/faults', {
      status: 503,
      body: { code: 'switch-away', detail: 'Nobody answers.' },
    });
    const { status, body } = await platform.visitor('admin').get('/platform/faults');
    expect([status, textOf(body).includes('Nobody answers.')]).toEqual([200, true]);
    expect((await platform.visitor('guest').get('/platform/faults/events')).body).toContain(
      'Nobody answers.',
    );
  });
});

describe('an admin', () => {
  it('breaks something by its button, by the token that only the storefront has', async () => {
    const admin = platform.visitor('admin');
    const { status, headers } = await admin.post('/platform/faults/broker-down', {});
    expect([status, headers.location]).toEqual([303, '/platform/faults#broker-down']);
    expect(sent().map(({ call, headers }) => [call, headers.authorization])).toEqual([
      ['POST /api/faults/broker-down', 'Bearer access.admin'],
    ]);
    expect(textOf((await admin.get('/platform/faults')).body)).toContain('It is broken now.');
  });

  it.each([
    [409, 'fault-running', 'Another fault is not repaired yet'],
    [503, 'switch-away', 'The launcher does not answer'],
  ])('is told of a %d', async (status, code, words) => {
    const answer = { status, body: { code, detail: 'x' } };
    platform.site.services.answers.set('POST /api/faults/broker-down', answer);
    const admin = platform.visitor('admin');
    expect((await admin.post('/platform/faults/broker-down', {})).status).toBe(303);
    expect(textOf((await admin.get('/platform/faults')).body)).toContain(words);
  });

  it('has no page for an unknown fault', async () => {
    expect((await platform.visitor('admin').post('/platform/faults/other', {})).status).toBe(404);
  });
});

describe('nothing is broken', () => {
  it('by a guest, who signs in first, or by a customer', async () => {
    const guest = await platform.visitor('guest').post('/platform/faults/broker-down', {});
    expect([guest.status, guest.headers.location]).toEqual([303, '/account/sign-in?next=platform']);
    expect((await platform.visitor('customer').post('/platform/faults/broker-down', {})).status).toBe(403);
    expect(sent()).toEqual([]);
  });

  it('by a page of another site in the browser of an admin', async () => {
    const admin = platform.visitor('admin');
    const foreign = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await admin.post('/platform/faults/broker-down', {}, foreign)).status).toBe(403);
    expect((await admin.get('/platform/faults/broker-down')).status).toBe(404);
    expect(sent()).toEqual([]);
  });

  it('in a cluster: no manifest of any environment sets FAULTS', async () => {
    const overlays = join(import.meta.dirname, '../../k8s/overlays');
    const naming = async (setting: RegExp): Promise<string[]> => {
      const found: string[] = [];
      for await (const file of glob('**/*.{yaml,yml,json}', { cwd: overlays }))
        if (setting.test(await readFile(join(overlays, file), 'utf8'))) found.push(file);
      return found;
    };
    expect((await naming(/\bPAYMENT_PROVIDER\b/)).length).toBeGreaterThan(1);
    expect(await naming(/\bFAULTS(_URL|_TOKEN)?\b/)).toEqual([]);
  });

  it('where FAULTS is not on: there is no such page, nor a tab', async () => {
    const without = await startTestPlatform();
    const admin = without.visitor('admin');
    expect((await admin.get('/platform/faults')).status).toBe(404);
    expect((await admin.get('/platform/faults/events')).status).toBe(404);
    expect((await admin.post('/platform/faults/broker-down', {})).status).toBe(404);
    expect((await admin.get('/platform')).body).not.toContain('/platform/faults');
    expect(without.site.services.requests.filter(({ call }) => call.includes('/api/faults'))).toEqual([]);
    await without.close();
  });
});
