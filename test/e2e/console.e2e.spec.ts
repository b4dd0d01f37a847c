import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { encodeEvent } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED } from '#contracts/images.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { createProducer, publish } from '#runtime/kafka/client.ts';
import { openBrowser } from './browser.ts';
import { type DroppedFile, dropFiles, outcomeOf, renditionsOf, tableOf } from './page-actions.ts';
import { emptyDatabase, type Pipeline, startPipeline } from './pipeline.ts';

jest.setTimeout(120_000);

let pipeline: Pipeline;
let browser: Browser;
let page: Page;
/** Everything that the browser complained of. */
const complaints: string[] = [];

beforeAll(async () => {
  pipeline = await startPipeline();
  browser = await openBrowser();
  page = await openPage(pipeline.consoleUrl);
});
afterAll(async () => {
  await browser?.close();
  await pipeline?.stop();
});

async function openPage(url: string): Promise<Page> {
  // uPlot asks for the browser's language, and Chromium makes `en-US@posix` of LANG=C, which is none.
  const context = await browser.newContext({ locale: 'en-GB' });
  const opened = await context.newPage();
  opened.setDefaultTimeout(30_000);
  opened.on('pageerror', (error) => complaints.push(String(error)));
  opened.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await opened.goto(url);
  return opened;
}

const pixels = (width: number, height: number) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#777',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  });
const jpeg = async (name: string, width: number, height: number): Promise<DroppedFile> => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await pixels(width, height).jpeg().toBuffer(),
});

/** What Cloud SQL holds, as the page writes it. */
async function databaseTotals(): Promise<{ events: string; bytes: string; byLabel: Record<string, string> }> {
  const { rows } = await pipeline.pool.query<{ size_label: string; events: number; bytes: string }>(
    'SELECT size_label, sum(events)::int8 AS events, sum(bytes)::text AS bytes FROM analytics.size_label_totals GROUP BY size_label',
  );
  return {
    events: String(rows.reduce((sum, { events }) => sum + events, 0)),
    bytes: String(rows.reduce((sum, { bytes }) => sum + BigInt(bytes), 0n)),
    byLabel: Object.fromEntries(rows.map(({ size_label, bytes }) => [size_label, bytes])),
  };
}

/** The same off the page, once it tells of this many events. */
async function shownTotals(events: number): Promise<Awaited<ReturnType<typeof databaseTotals>>> {
  await page.locator('#tile-events', { hasText: new RegExp(`^${events}$`) }).waitFor();
  const bytes = (await page.locator('#tile-bytes').getAttribute('title')) ?? '';
  await page
    .locator('details:not([open]) summary')
    .click({ timeout: 1_000 })
    .catch(() => {});
  const [head = [], ...rows] = await tableOf(page);
  const byLabel: Record<string, bigint> = {};
  for (const row of rows) {
    head.forEach((label, at) => {
      if (at > 0 && row[at] !== '0') byLabel[label] = (byLabel[label] ?? 0n) + BigInt(row[at] ?? 0);
    });
  }
  const digits = Object.entries(byLabel).map(([label, sum]) => [label, String(sum)]);
  return {
    events: await page.locator('#tile-events').innerText(),
    bytes: bytes.replaceAll(/\D/g, ''),
    byLabel: Object.fromEntries(digits),
  };
}

describe('console page', () => {
  it('shows the renditions of a dropped photo, and the same totals as Cloud SQL', async () => {
    await dropFiles(page, [await jpeg('tea tin.jpg', 1_000, 600)]);
    expect(await outcomeOf(page, 'tea tin.jpg')).toMatchObject({
      state: 'done',
      text: expect.stringContaining('3 renditions made'),
    });
    expect(await renditionsOf(page, 'tea tin.jpg')).toEqual([
      ['thumbnail', '160 × 96', '160 × 96'],
      ['small', '480 × 288', '480 × 288'],
      ['medium', '960 × 576', '960 × 576'],
    ]);
    expect(await shownTotals(3)).toEqual(await databaseTotals());
    expect(await page.locator('#tile-photos').innerText()).toBe('1');
  });

  it('moves its numbers with the next photo, also one that was chosen and not dropped', async () => {
    const before = await shownTotals(3);
    await page.setInputFiles('#files', [await jpeg('vase.jpg', 500, 700)]);
    await outcomeOf(page, 'vase.jpg');
    const after = await shownTotals(5);
    expect(BigInt(after.bytes)).toBeGreaterThan(BigInt(before.bytes));
    expect(after).toEqual(await databaseTotals());
  });

  it('reads a minute of the chart out to who comes by keyboard', async () => {
    await page.locator('#chart').focus();
    const read = page.locator('#chart-read');
    // The photos' minute is the newest but for those that have begun since.
    await until(async () => {
      await page.keyboard.press('ArrowLeft');
      return /thumbnail .*, small /.test((await read.textContent()) ?? '');
    });
  });

  it.each<[string, () => Promise<DroppedFile>, string]>([
    [
      'a drawing with a script',
      async () => ({ name: 'x.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg><script/></svg>') }),
      'We take JPEG, PNG, WebP, AVIF and GIF, not .svg files.',
    ],
    [
      'an empty file',
      async () => ({ name: 'empty.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(0) }),
      'The file has no content.',
    ],
    [
      'a PNG that calls itself .jpg',
      async () => ({
        name: 'fake.jpg',
        mimeType: 'image/jpeg',
        buffer: await pixels(300, 300).png().toBuffer(),
      }),
      'The content is not what the name says',
    ],
    [
      'a photo that was cut off',
      async () => {
        const whole = await jpeg('cut.jpg', 900, 900);
        return { ...whole, buffer: whole.buffer.subarray(0, whole.buffer.length / 3) };
      },
      'The picture is broken',
    ],
  ])('refuses %s in words', async (_what, make, words) => {
    const file = await make();
    await dropFiles(page, [file]);
    const outcome = await outcomeOf(page, file.name);
    expect(outcome.state).toBe('refused');
    expect(outcome.text).toContain(words);
  });

  it('shows the same closed window on the page of every store', async () => {
    await publishFiveMinutesAgo(12_345);
    for (const address of ['cloud-sql?view=published', 'firestore', 'gcs', 'results-topic']) {
      await page.goto(`${pipeline.consoleUrl}/stores/${address}`);
      const row = await until(async () => {
        const [head = [], ...rows] = await tableOf(page);
        const found = rows.find((cells) => cells.includes('12345'));
        if (!found) await page.reload();
        return found && Object.fromEntries(head.map((name, at) => [name, found[at]]));
      });
      expect({ address, ...row }).toMatchObject({
        address,
        size_label: 'medium',
        revision: '1',
        events: '1',
        bytes: '12345',
        late_events: '0',
      });
    }
  });

  it('has told the browser nothing to complain of, beside the two refusals', () => {
    const refusals = complaints.filter((text) => /status of 4(15|22)/.test(text));
    expect(refusals).toHaveLength(2);
    expect(complaints.filter((text) => !refusals.includes(text))).toEqual([]);
  });

  it('says kindly that the database is not there, or the console, and comes back by itself', async () => {
    const database = await emptyDatabase();
    let running = await pipeline.startConsole({ DATABASE_URL: database.url });
    try {
      const waiting = await openPage(running.url);
      const state = (name: string) => waiting.locator(`#status[data-state=${name}]`).waitFor();
      await state('database');
      expect(await waiting.locator('#chart-notice').innerText()).toContain('comes back by itself');
      await database.makeTables();
      await state('live');
      await running.stop();
      await state('console');
      running = await pipeline.startConsole({
        DATABASE_URL: database.url,
        CONSOLE_PORT: new URL(running.url).port,
      });
      await state('live');
    } finally {
      await running.stop();
      await database.drop();
    }
  });
});

/** What the check finds, asked again until it finds something; half a minute is enough for anything here. */
async function until<Found>(check: () => Promise<Found | undefined | false>): Promise<Found> {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    const found = await check();
    if (found) return found;
    await sleep(200);
  }
  throw new Error('it did not come to pass');
}

/** One rendition of a known size in a window that is long over, so that it is published at once. */
async function publishFiveMinutesAgo(bytes: number): Promise<void> {
  const producer = createProducer(pipeline.client);
  await producer.connect();
  const time = new Date(Date.now() - 300_000).toISOString();
  const source = { bucket: 'photos', key: 'uploads/old/1.jpg', version: '1' };
  const rendition = {
    bucket: 'renditions',
    key: 'r',
    format: 'jpeg' as const,
    width: 960,
    height: 600,
    bytes,
  };
  const data = { productId: 'old', source, rendition, sizeTable: 1 };
  await publish(pipeline.client, producer, productImagesProcessed.name, [
    encodeEvent(IMAGE_PROCESSED, 'old', { id: 'old-1', source: '/e2e', time, data }),
  ]);
  await producer.disconnect();
}
