// What an admin sees and does when something is wrong: a poisoned event in a real topic, its way back, and whether all still agree.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { productImagesProcessed } from '#contracts/topics.ts';
import { createProducer } from '#runtime/kafka/client.ts';
import { startTokenIssuer, type TokenIssuer } from '../token-issuer.ts';
import { faultsOf } from './accessibility.ts';
import { openBrowser, watchedPages } from './browser.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';

jest.setTimeout(170_000);

const TOPIC = productImagesProcessed.name;
const SECRET = 'ann@mail.example';
const stops: (() => Promise<unknown>)[] = [];
let pipeline: Pipeline;
let issuer: TokenIssuer;
let browser: Browser;
let url: string;
let page: Page;
const { openPage, complaints } = watchedPages(
  () => browser,
  () => url,
);

/** A page of an admin who has signed in. */
async function adminPage(): Promise<Page> {
  const opened = await openPage({});
  const value = await issuer.tokenFor({ kind: 'user', userId: 'the-admin', role: 'admin' });
  await opened.context().addCookies([{ name: 'shop-access', value, url, httpOnly: true, sameSite: 'Lax' }]);
  return opened;
}

beforeAll(async () => {
  pipeline = await startPipeline();
  stops.push(() => pipeline.stop());
  issuer = await startTokenIssuer();
  stops.push(() => issuer.close());
  const results = await mkdtemp(join(tmpdir(), 'verdicts-'));
  stops.push(() => rm(results, { recursive: true }));
  const users = await serveProfiles();
  stops.push(users.close);
  const { TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_JWKS_URL } = issuer.settings;
  const console = await pipeline.startConsole({
    TOKEN_ISSUER,
    TOKEN_AUDIENCE,
    TOKEN_JWKS_URL,
    RECONCILE_FOLDER: results,
  });
  url = (await pipeline.startPages(console.url, { USER_SERVICE_URL: users.url })).url;
  browser = await openBrowser();
  stops.push(() => browser.close());
  page = await adminPage();
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

/** The one thing that the storefront asks of the user service here: who a token is of. */
async function serveProfiles() {
  const server = createServer(({ headers }, response) => {
    const claims = String(headers.authorization).split('.')[1] ?? '';
    const { sub, role } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, string>;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ userId: sub, email: `${role}@mail.example`, role }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function poison(): Promise<void> {
  const producer = createProducer(pipeline.client);
  await producer.connect();
  const value = JSON.stringify({ productId: 17, [SECRET]: SECRET });
  const headers = {
    ce_specversion: '1.0',
    ce_id: 'poison-1',
    ce_source: '/e2e',
    ce_time: new Date().toISOString(),
  };
  const messages = [
    { key: SECRET, value, headers: { ...headers, ce_type: productImagesProcessed.event.type } },
  ];
  await producer.send({ topic: pipeline.client.nameOf(TOPIC), acks: -1, messages });
  await producer.disconnect();
}

const letters = () => page.locator('.letter');
const button = (name: string | RegExp) => page.getByRole('button', { name });

describe('somebody who runs the platform', () => {
  it('sees it drawn: who is ready, and what flows', async () => {
    await page.goto('/platform');
    const analytics = page.locator('.diagram-node', { hasText: 'analytics' });
    await analytics.filter({ hasText: 'ready' }).waitFor();
    await page
      .locator('.diagram-label', { hasText: /^\d.*\/s/ })
      .first()
      .waitFor();
    const row = page.getByRole('row', { name: new RegExp(`^${TOPIC} image-renditions analytics`) });
    expect(await row.innerText()).toMatch(/\/s\s+0$/);
  });

  it('sees a poisoned event come, with its reason and nothing of what stands in it', async () => {
    await page.goto('/platform/dead-letters');
    await page.getByText('No dead letters').waitFor();
    await poison();
    await letters().filter({ hasText: 'bad-data' }).waitFor();
    await letters().getByText('Where it lies, and what it is').click();
    const text = await letters().innerText();
    expect(text).toContain('by analytics');
    expect(text).toContain('productId');
    expect(await page.content()).not.toContain('mail.example');
  });

  it('has it replayed, and sees that it is refused again, at another place', async () => {
    const placeOf = async () =>
      /\b\d+\/\d+/.exec((await letters().locator('.facts').textContent()) ?? '')?.[0];
    const before = await placeOf();
    await button('Replay it').click();
    await page.getByText(`${TOPIC} was replayed at`).filter({ hasText: '1 replayed' }).waitFor();
    await letters().filter({ hasText: 'bad-data' }).waitFor();
    expect(await placeOf()).not.toBe(before);
  });

  it('has all counted anew, and sees that everybody holds the same', async () => {
    await page.goto('/platform/reconciliations');
    const counts = page
      .locator('section', { hasText: 'npm run reconcile' })
      .or(page.locator('section', { hasText: 'Counts' }));
    await counts.first().getByText('Never run').waitFor();
    await counts.first().getByRole('button', { name: 'Compare now' }).click();
    await page.locator('[data-outcome=running]').waitFor();
    await page.locator('[data-outcome=equal]').waitFor({ timeout: 120_000 });
  });

  it('has met nothing that the browser complains of', () => {
    expect(complaints).toEqual([]);
  });
});

it('shows a customer the same without the buttons, and refuses them the deed', async () => {
  const token = await issuer.tokenFor({ kind: 'user', userId: 'the-customer', role: 'customer' });
  const headers = { cookie: `shop-access=${token}`, accept: 'text/html' };
  const shown = await (await fetch(`${url}/platform/dead-letters`, { headers })).text();
  expect([shown.includes('bad-data'), shown.includes('<button class="button"')]).toEqual([true, false]);
  const asked = await fetch(`${url}/platform/dead-letters/replay`, {
    method: 'POST',
    headers: { ...headers, origin: url, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ topic: TOPIC }),
  });
  expect(asked.status).toBe(403);
});

it.each(['/platform', '/platform/dead-letters', '/platform/reconciliations'])(
  'has %s for everybody, in both colour schemes, on a phone and on a desktop, also with all details open',
  async (path) => {
    await page.goto(path);
    for (const details of await page.locator('main details').all())
      await details.evaluate('node => node.open = true');
    expect(await faultsOf(page)).toEqual([]);
  },
);
