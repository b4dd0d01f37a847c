// A person breaks the platform that `npm start` runs, looks at what happens, and sees that nothing was lost.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { encodeEvent } from '#contracts/envelope.ts';
import { IMAGE_PROCESSED } from '#contracts/images.ts';
import { productImagesProcessed } from '#contracts/topics.ts';
import { loadConfig } from '#runtime/config.ts';
import { createKafka, createProducer, kafkaConfig, publish } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { type Customer, signUp } from '../../demo/checkout/account.ts';
import { type DemoConfig, demoConfig } from '../../demo/checkout/config.ts';
import { checkOut } from '../../demo/checkout/order.ts';
import type { ProcessIdentity } from '../../local/launcher/process-identity.ts';
import { everyProcess, freePorts, killAll, type Launcher, launch, recordedRun } from '../launcher.ts';
import { makeServerFolder } from '../platform/server-folder.ts';
import { faultsOf } from './accessibility.ts';
import { openBrowser, watchedPages } from './browser.ts';

jest.setTimeout(180_000);

const EMAIL = 'ada@shop.example';
const PASSWORD = 'seven quiet lamps';

let folder: string;
let launcher: Launcher;
const seen: ProcessIdentity[] = [];
/** Of commands that talk to the platform. */
let env: Record<string, string>;
let config: DemoConfig;
let url: string;
let browser: Browser;
let page: Page;
let customer: Customer;
const { openPage, complaints } = watchedPages(
  () => browser,
  () => url,
);

beforeAll(async () => {
  folder = await makeServerFolder('faults-');
  const ports = await freePorts();
  launcher = launch({ ...ports, LOCAL_DIR: folder });
  await launcher.waitFor('Ready in');
  const run = await recordedRun(folder);
  seen.push(run.launcher, ...everyProcess(run));
  env = await environmentOf(join(folder, 'env'));
  config = loadConfig(demoConfig, env);
  url = `http://127.0.0.1:${ports.STOREFRONT_PORT}`;
  await appointAdmin();
  customer = await signUp(config, () => {});
  browser = await openBrowser();
  page = await openPage({});
  await page.goto('/account/sign-in?next=platform');
  await page.getByLabel('E-mail').fill(EMAIL);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Platform' }).waitFor();
});
afterAll(async () => {
  await browser?.close();
  launcher?.child.kill('SIGTERM');
  await launcher?.ended;
  await killAll(seen);
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function environmentOf(file: string): Promise<Record<string, string>> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name = '', value = ''] = /^([A-Z_0-9]+)="(.*)"$/.exec(line) ?? [];
      return name ? [[name, value]] : [];
    }),
  );
}

/** As whoever runs a shop appoints its first one. */
async function appointAdmin(): Promise<void> {
  const child = spawn(process.execPath, ['services/user/admin.cli.ts', '--email', EMAIL], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(PASSWORD);
  expect(await once(child, 'close')).toEqual([0, null]);
}

/** Each in a trace of its own. */
const order = () => checkOut(config, customer, 'pm_ok', randomUUID().replaceAll('-', ''), () => {});
const panel = (name: string) => page.locator(`#${name}`);

async function breakIt(title: string): Promise<void> {
  await page.goto('/platform/faults');
  await page.getByRole('button', { name: title }).click();
  await page.getByText('It is broken now.').waitFor();
}

const HEALTHY_MS_MAX = 150_000;
const isHealthyAgain = (name: string) =>
  panel(name).getByText('Healthy since').waitFor({ timeout: HEALTHY_MS_MAX });

const COUNT = 40;

/** Renditions of photos that nobody has uploaded, all of this minute. */
async function publishImages(): Promise<void> {
  const client = createKafka(loadConfig(kafkaConfig, env), 'spec', createLogger('spec', 'silent'));
  const producer = createProducer(client);
  await producer.connect();
  const object = { bucket: 'b', key: 'k', version: '1' };
  const records = Array.from({ length: COUNT }, (_, at) =>
    encodeEvent(IMAGE_PROCESSED, `faults-${at}`, {
      id: `faults-${at}`,
      source: '/spec',
      time: new Date().toISOString(),
      data: {
        productId: `faults-${at}`,
        source: object,
        rendition: { bucket: 'b', key: 'k', format: 'jpeg', width: 900, height: 600, bytes: 1_000 },
        sizeTable: 1,
      },
    }),
  );
  try {
    await publish(client, producer, productImagesProcessed.name, records);
  } finally {
    await producer.disconnect();
  }
}

describe('a worker that is killed again and again', () => {
  it('counts every event once, and every store agrees with the log', async () => {
    await breakIt('Worker killed');
    await panel('worker-killed').getByText('The worker was killed (SIGKILL).').first().waitFor();
    await publishImages();
    await isHealthyAgain('worker-killed');
    await panel('worker-killed').getByText('The totals agree').waitFor();
    expect(await page.locator('[data-tile="Events"] .tile-value').innerText()).toBe(String(COUNT));
    expect(await page.locator('[data-tile="Lag"] .tile-value').innerText()).toBe('0');
    expect(launcher.output()).toContain('analytics worker ended by SIGKILL; started again in');
  });
});

describe('a broker that is down', () => {
  it('makes an order wait, which is confirmed once it is back', async () => {
    await breakIt('Broker down');
    await panel('broker-down').getByText('Kafka is stopped.').waitFor();
    expect((await order()).status).toBe('confirmed');
    await panel('broker-down').getByText('Kafka answers.').waitFor();
    await isHealthyAgain('broker-down');
    await panel('broker-down').getByText('The orders agree').waitFor();
    expect(launcher.output()).not.toContain('nothing works without it');
    expect(launcher.output()).not.toMatch(/(service|storefront|console) ended/);
  });
});

describe('poison events', () => {
  it('become dead letters, and what is counted agrees all the same', async () => {
    await breakIt('Poison events');
    await isHealthyAgain('poison-events');
    await panel('poison-events').getByText('The totals agree').waitFor();
    const letters = await page.locator('[data-tile="Dead letters"] .tile-value').innerText();
    expect(Number(letters)).toBeGreaterThan(0);
  });
});

describe('the journey of an order', () => {
  it('is found by the beginning of its id, and crosses the services', async () => {
    const { orderId } = await order();
    await page.goto('/platform/orders');
    await page.getByRole('searchbox', { name: 'Order', exact: true }).fill(orderId.slice(0, 8));
    await page.getByRole('button', { name: 'Find it' }).click();
    await page.getByRole('heading', { level: 1, name: `Order ${orderId.slice(0, 8)}` }).waitFor();
    for (const topic of [
      'order.placed',
      'stock.reserved',
      'payment.requested',
      'payment.succeeded',
      'order.confirmed',
    ])
      await page.getByRole('rowheader', { name: topic, exact: true }).waitFor();
    // Processes keep their spans back for a few seconds.
    const drawn = page.getByRole('rowheader', { name: 'process payment.requested' });
    for (let tries = 0; tries < 20 && (await drawn.count()) === 0; tries += 1) {
      await page.waitForTimeout(500);
      await page.getByRole('link', { name: 'Look again' }).click();
    }
    for (const service of ['order', 'product', 'payment'])
      await page.locator(`[data-lane="${service}"]`).waitFor();
  });
});

describe('these pages', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ['those of the faults', () => page.goto('/platform/faults'), 'Broker down'],
    ['those of all orders', () => page.goto('/platform/orders'), 'The newest orders'],
    ['those of one order', () => page.locator('tbody a').first().click(), 'Across services'],
  ])(
    '%s are for everybody, in both colour schemes, on a phone and on a desktop',
    async (_name, open, shows) => {
      await open();
      await page.getByRole('heading', { name: shows }).waitFor();
      expect(await faultsOf(page)).toEqual([]);
    },
  );

  it('have met nothing that the browser complains of', () => {
    expect(complaints).toEqual([]);
  });
});
