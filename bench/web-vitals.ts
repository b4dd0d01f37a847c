// What one page costs a browser that has nothing of it yet: bytes by their kind, when its largest part is painted, and how much of it
// moves without a visitor's action. Networks and processors are slowed as Lighthouse does it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { median, round } from './statistics.ts';

/** A network and a processor. */
export interface Line {
  readonly name: string;
  readonly latencyMs: number;
  readonly kilobitsPerS: number;
  /** A processor that is so many times slower. */
  readonly slowdown: number;
}

/**
 * Lighthouse's own (core/config/constants.js, read on 2026-11-29: `desktopDense4G` and `mobileSlow4G`), with its factors for a
 * browser that slows down requests and not packets: a request waits 3.75 round trips, since it may have to connect, and gets
 * 90 % of the line.
 */
const asRequests = (name: string, roundTripMs: number, kilobitsPerS: number): Line => ({
  name,
  latencyMs: roundTripMs * 3.75,
  kilobitsPerS: kilobitsPerS * 0.9,
  slowdown: 4,
});
export const LINES = {
  dense4g: asRequests('4G of a city', 40, 10 * 1_024),
  slow4g: asRequests('slow 4G', 150, 1.6 * 1_024),
};

/** Medians of some loads; all bytes as they were transferred, with their headers. */
export interface Vitals {
  readonly lcpMs: number;
  readonly shift: number;
  readonly scriptBytes: number;
  readonly styleBytes: number;
  readonly htmlBytes: number;
}

const QUIET_MS = 500;
/** Longer than anything else on the page takes. */
const PHOTO_DELAY_MS = 1_500;

/** `shift` is the sum of all shifts that no input caused: stricter than CLS, which takes the worst five seconds. */
const READ = `new Promise((done) => {
  const paints = [];
  let shift = 0;
  new PerformanceObserver((list) => paints.push(...list.getEntries()))
    .observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shift += value;
  }).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done({
    lcpMs: paints.at(-1)?.startTime ?? Number.NaN,
    shift,
  }), 200);
})`;

/** Loads it so many times with an empty cache. */
export async function measureLoads(page: Page, url: string, line: Line, loads: number): Promise<Vitals> {
  const cdp = await page.context().newCDPSession(page);
  try {
    await slowDown(cdp, line);
    const found: Vitals[] = [];
    for (let n = 0; n < loads; n += 1) {
      const bytes = await load(cdp, page, url);
      found.push({ ...(await read(page)), ...bytes });
    }
    const of = (name: keyof Vitals) => median(found.map((vitals) => vitals[name]));
    return {
      lcpMs: Math.round(of('lcpMs')),
      shift: round(Math.max(...found.map(({ shift }) => shift))),
      scriptBytes: of('scriptBytes'),
      styleBytes: of('styleBytes'),
      htmlBytes: of('htmlBytes'),
    };
  } finally {
    await slowDown(cdp, { name: 'none', latencyMs: 0, kilobitsPerS: -1, slowdown: 1 });
    await cdp.detach();
  }
}

/** How much moves while every photo is late, and while the page is scrolled to its end. */
export async function shiftWithLatePhotos(page: Page, url: string): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  await page.route(/\.(webp|avif|jpe?g|png)$/, async (route) => {
    await sleep(PHOTO_DELAY_MS);
    await route.continue();
  });
  try {
    await load(cdp, page, url);
    await page.evaluate(`(async () => {
      for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
        scrollTo(0, y);
        await new Promise((done) => setTimeout(done, 50));
      }
      await Promise.all([...document.images].map((image) => image.complete ||
        new Promise((done) => { image.onload = image.onerror = done; })));
    })()`);
    return round((await read(page)).shift);
  } finally {
    await page.unroute(/\.(webp|avif|jpe?g|png)$/);
    await cdp.detach();
  }
}

async function slowDown(cdp: CDPSession, { latencyMs, kilobitsPerS, slowdown }: Line): Promise<void> {
  const bytesPerS = kilobitsPerS < 0 ? -1 : (kilobitsPerS * 1_024) / 8;
  await cdp.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: latencyMs,
    downloadThroughput: bytesPerS,
    uploadThroughput: bytesPerS,
  });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
}

type Transferred = Pick<Vitals, 'scriptBytes' | 'styleBytes' | 'htmlBytes'>;

/**
 * A page that follows something never falls silent on the network: it gets a moment. Bytes are those of the network's own events: the
 * packaged Chromium reports no sizes to its pages.
 */
async function load(cdp: CDPSession, page: Page, url: string): Promise<Transferred> {
  await page.goto('about:blank');
  await cdp.send('Network.enable');
  // To clear the cache is not enough: the renderer's memory also has what the page before loaded.
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  const kinds = new Map<string, string>();
  const bytes = new Map<string, number>();
  const kindOf = ({ requestId, type }: { requestId: string; type: string }) => kinds.set(requestId, type);
  const count = ({ requestId, encodedDataLength }: { requestId: string; encodedDataLength: number }) => {
    const kind = kinds.get(requestId) ?? '';
    bytes.set(kind, (bytes.get(kind) ?? 0) + encodedDataLength);
  };
  cdp.on('Network.responseReceived', kindOf).on('Network.loadingFinished', count);
  try {
    await page.goto(url, { waitUntil: 'load' });
    await sleep(QUIET_MS);
  } finally {
    cdp.off('Network.responseReceived', kindOf).off('Network.loadingFinished', count);
  }
  const of = (kind: string): number => bytes.get(kind) ?? 0;
  const found = { scriptBytes: of('Script'), styleBytes: of('Stylesheet'), htmlBytes: of('Document') };
  if (Math.min(...Object.values(found)) === 0)
    throw new Error(`${url}: script, style and page are not all from the network: ${JSON.stringify(found)}`);
  return found;
}

const read = async (page: Page): Promise<Omit<Vitals, keyof Transferred>> => {
  const vitals = await page.evaluate<Omit<Vitals, keyof Transferred>>(READ);
  if (!(vitals.lcpMs > 0)) throw new Error(`the browser reports no paint of ${page.url()}`);
  return vitals;
};
