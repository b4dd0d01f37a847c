import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { encodeEvent } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED } from '#contracts/images.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { createProducer, publish } from '#runtime/kafka/client.ts';
import { eventually } from '../eventually.ts';
import { faultsOf } from './accessibility.ts';
import { openBrowser, watchedPages } from './browser.ts';
import { type DroppedFile, dropFiles, outcomeOf, renditionsOf, tableOf } from './page-actions.ts';
import { emptyDatabase, type Pipeline, startPipeline } from './pipeline.ts';

jest.setTimeout(120_000);

let pipeline: Pipeline;
let browser: Browser;
/** The first platform page, and the one of the windows. */
let page: Page;
let windows: Page;
const { openPage, complaints } = watchedPages(
  () => browser,
  () => pipeline.pagesUrl,
);
const open = async (path: string, options: Parameters<typeof openPage>[0] = {}): Promise<Page> => {
  const opened = await openPage(options);
  await opened.goto(path);
  return opened;
};

beforeAll(async () => {
  pipeline = await startPipeline();
  browser = await openBrowser();
  page = await open('/platform');
  windows = await open('/platform/windows');
});
afterAll(async () => {
  await browser?.close();
  await pipeline?.stop();
});

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

const tile = (at: Page, name: string) => at.locator(`[data-tile="${name}"] .tile-value`);

/** The same off the pages, once they tell of this many events. */
async function shownTotals(events: number): Promise<Awaited<ReturnType<typeof databaseTotals>>> {
  for (const at of [page, windows])
    await tile(at, 'Events')
      .filter({ hasText: new RegExp(`^${events}$`) })
      .waitFor();
  const note = await page.locator('[data-tile="Bytes counted"] .hint').innerText();
  const [head = [], ...rows] = await tableOf(windows);
  const byLabel: Record<string, bigint> = {};
  for (const row of rows) {
    head.forEach((label, at) => {
      if (at > 0 && at < head.length - 1 && row[at] !== '0')
        byLabel[label] = (byLabel[label] ?? 0n) + BigInt(row[at] ?? 0);
    });
  }
  const digits = Object.entries(byLabel).map(([label, sum]) => [label, String(sum)]);
  return {
    events: await tile(page, 'Events').innerText(),
    bytes: note.split(' in ')[0]!.replaceAll(/\D/g, ''),
    byLabel: Object.fromEntries(digits),
  };
}

describe('the platform pages', () => {
  it('show the renditions of a dropped photo, and the same totals as Cloud SQL', async () => {
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
    expect(await tile(page, 'Photos').innerText()).toBe('1');
  });

  it('move their numbers with the next photo, also one that was chosen and not dropped', async () => {
    const before = await shownTotals(3);
    await page.setInputFiles('[data-drop] input', [await jpeg('vase.jpg', 500, 700)]);
    await outcomeOf(page, 'vase.jpg');
    const after = await shownTotals(5);
    expect(BigInt(after.bytes)).toBeGreaterThan(BigInt(before.bytes));
    expect(after).toEqual(await databaseTotals());
  });

  it('read a minute of the chart out to who comes by keyboard', async () => {
    await windows.locator('[data-chart]').focus();
    const read = windows.locator('[data-chart-read]');
    // The photos' minute is the newest but for those that have begun since.
    await eventually(async () => {
      await windows.keyboard.press('ArrowLeft');
      return /thumbnail .*, small /.test((await read.textContent()) ?? '') || undefined;
    });
  });

  it('leave a label out of the chart, and keep it in the table', async () => {
    const without = await open('/platform/windows?without=small');
    await without.locator('svg .label-0').first().waitFor();
    expect(await without.locator('svg .label-1').count()).toBe(0);
    expect(await tableOf(without)).toEqual(await tableOf(windows));
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
  ])('refuse %s in words', async (_what, make, words) => {
    const file = await make();
    await dropFiles(page, [file]);
    const outcome = await outcomeOf(page, file.name);
    expect(outcome.state).toBe('refused');
    expect(outcome.text).toContain(words);
  });

  it('show the same closed window for every store', async () => {
    await publishFiveMinutesAgo(12_345);
    for (const address of ['cloud-sql?view=published', 'firestore', 'gcs', 'results-topic']) {
      await page.goto(`/platform/stores/${address}`);
      const row = await eventually(async () => {
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

  it('have told the browser nothing to complain of, beside the two refusals', () => {
    const refusals = complaints.filter((text) => /status of 4(15|22)/.test(text));
    expect(refusals).toHaveLength(2);
    expect(complaints.filter((text) => !refusals.includes(text))).toEqual([]);
  });

  it('work in a browser that names a language which there is not', async () => {
    const odd = await open('/platform/windows', { locale: 'en-US@posix' });
    await odd.locator('[data-live-state=live]', { hasText: 'Live' }).waitFor();
    expect(await odd.evaluate('navigator.language')).toBe('en-US@posix');
    expect(complaints.slice(2)).toEqual([]);
  });

  it('say kindly that the database is not there, or the console, and come back by themselves', async () => {
    const database = await emptyDatabase();
    let running = await pipeline.startConsole({ DATABASE_URL: database.url });
    const pages = await pipeline.startPages(running.url);
    try {
      const waiting = await open(`${pages.url}/platform`);
      const state = (title: string) => waiting.locator('[data-live-state]', { hasText: title }).waitFor();
      await state('Waiting for Cloud SQL');
      expect(await waiting.locator('[data-live-words]').innerText()).toContain('come back by themselves');
      await database.makeTables();
      await state('Live');
      expect(await waiting.locator('[data-live-words]').isVisible()).toBe(false);
      await running.stop();
      await state('Waiting for the console');
      const { port } = new URL(running.url);
      running = await pipeline.startConsole({ DATABASE_URL: database.url, CONSOLE_PORT: port });
      await state('Live');
      await pages.stop();
      await state('Reconnecting');
    } finally {
      await running.stop();
      await pages.stop();
      await database.drop();
    }
  });
});

describe('every platform page', () => {
  it.each([
    '/platform',
    '/platform/windows',
    '/platform/windows?without=small',
    '/platform/stores/cloud-sql',
    '/platform/stores/gcs',
  ])('%s is for everybody, in both colour schemes, on a phone and on a desktop', async (path) => {
    await page.goto(path);
    expect(await faultsOf(page)).toEqual([]);
  });

  it('shows on a phone the whole tab of the page that is open', async () => {
    const looked = await openPage({ viewport: { width: 360, height: 800 } });
    for (const path of ['/platform', '/platform/dead-letters', '/platform/reconciliations']) {
      await looked.goto(path);
      const tab = await looked.locator('.tabs [aria-current]').boundingBox();
      expect({ path, left: tab!.x >= 0, right: tab!.x + tab!.width <= 360 }).toEqual({
        path,
        left: true,
        right: true,
      });
    }
  });
});

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
