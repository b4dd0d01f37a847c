// A shop of its own to be broken: the services as processes that are started again whenever they end, on servers that a spec
// kills. Everything hurries, so that a run of a minute sees what production sees in hours.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { SHOP_TOPICS } from '#contracts/shop-topics.ts';
import { productImagesProcessed, topicSettings } from '#contracts/topics.ts';
import { createTopics, type KafkaClient } from '#runtime/kafka.ts';
import { freePort } from '../../local/ports.ts';
import { type ProcessPlan, type RunningProcess, startProcess } from '../../local/processes.ts';
import type { OwnServer } from '../faults/own-server.ts';
import { freshDatabase, freshKafka } from '../fresh.ts';
import { startTokenIssuer, type TokenIssuer } from '../token-issuer.ts';

/** Those that have a part in a checkout. The cart has none: it only forgets what was ordered. */
export const SERVICES = ['user', 'product', 'order', 'payment', 'notification'] as const;
export type Service = (typeof SERVICES)[number];

/** Without its outbox, or with keys of requests that mean nothing. */
export type SwitchedOff = 'outbox' | 'idempotency';

export interface Servers {
  readonly kafka: OwnServer;
  readonly postgres: OwnServer;
}

const HURRY = {
  LOG_LEVEL: 'warn',
  SESSION_TIMEOUT_MS: '6000',
  IDEMPOTENCY_TAKE_OVER_MS: '5000',
  CHARGE_LEASE_MS: '5000',
  SANDBOX_LATE_MS: '1500',
  SANDBOX_LATENCY_MS: '20',
};
const SETTINGS = {
  PAYMENT_PROVIDER: 'sandbox',
  MAIL_TRANSPORT: 'mailbox',
  MAIL_FROM: 'shop@example.com',
  SHOP_URL: 'http://127.0.0.1',
  IMAGES_BASE_URL: 'http://127.0.0.1/images',
  PRODUCT_IMAGES_BUCKET: 'product-images',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
};
const TOKEN_LIFE_S = 3_600;
/** The keeper's messages about ends and restarts are what is meant to happen here. */
const SILENT = { say: () => {}, part: () => {}, step: () => {}, warn: () => {}, title: () => {} };

interface ShopParts {
  readonly databaseUrl: string;
  readonly client: KafkaClient;
  readonly issuer: TokenIssuer;
  readonly plans: ReadonlyMap<Service, ProcessPlan>;
  readonly drops: readonly (() => Promise<unknown>)[];
}

export class Shop {
  readonly databaseUrl: string;
  readonly client: KafkaClient;
  private readonly parts: ShopParts;
  private readonly running = new Map<Service, RunningProcess>();

  private constructor(parts: ShopParts) {
    this.parts = parts;
    this.databaseUrl = parts.databaseUrl;
    this.client = parts.client;
  }

  /** A shop with nothing in it, whose services run. */
  static async open({ kafka, postgres }: Servers, switchedOff?: SwitchedOff): Promise<Shop> {
    const database = await postgres.within(freshDatabase);
    const topics = await kafka.within(async () => freshKafka());
    const wanted = [...SHOP_TOPICS, productImagesProcessed].map((topic) => ({ ...topic, partitions: 2 }));
    await createTopics(topics.client, topicSettings(wanted), 1);
    const issuer = await startTokenIssuer();
    const folder = await mkdtemp(join(tmpdir(), 'shop-'));
    const env = {
      ...HURRY,
      ...SETTINGS,
      ...issuer.settings,
      ...kafka.env,
      KAFKA_TOPIC_PREFIX: topics.client.nameOf(''),
      DATABASE_URL: database.url,
      SIGNING_KEK: randomBytes(32).toString('base64'),
      SERVICE_TOKEN_FILE: await tokenFile(folder, issuer),
      NODE_OPTIONS: switchedOff ? `--import ${preloadUrl(switchedOff)}` : '',
    };
    const drops = [database.drop, () => issuer.close(), async () => { await import('node:fs/promises').then((f) => f.cp(folder, `/tmp/killtest-logs-${Date.now()}`, {recursive:true})); await rm(folder, { recursive: true, force: true }) }];
    const plans = await plansOf(env, folder);
    const shop = new Shop({ databaseUrl: database.url, client: topics.client, issuer, plans, drops });
    await shop.start();
    return shop;
  }

  address = (service: Service): string => this.parts.plans.get(service)!.address;

  /** SIGKILL, if it runs just now. Its keeper starts it again. */
  kill(service: Service): void {
    try {
      process.kill(this.running.get(service)!.pid(), 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** For a run; the issuer's own last for five minutes only. */
  tokenFor(userId: string, role: 'customer' | 'admin'): Promise<string> {
    const { TOKEN_ISSUER: iss, TOKEN_AUDIENCE: aud } = this.parts.issuer.settings;
    return this.parts.issuer.forge({ iss, aud, sub: userId, role, exp: expiryS() });
  }

  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const database = new pg.Client({ connectionString: this.databaseUrl });
    database.on('error', () => {});
    await database.connect();
    try {
      return (await database.query<Row>(sql, values)).rows;
    } finally {
      await database.end();
    }
  }

  /** Waits until a query answers with a row whose `yes` is true. @throws when it never does */
  async until(sql: string, timeoutMs = 30_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await this.query<{ yes: boolean }>(sql))[0]?.yes) {
      if (performance.now() > deadline) throw new Error(`never came true: ${sql}`);
      await sleep(100);
    }
  }

  /** Ends the services for good: what they had only in memory is lost. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.running].map(([service, kept]) => {
        const stopped = kept.stop();
        this.kill(service);
        return stopped;
      }),
    );
    this.running.clear();
  }

  async close(): Promise<void> {
    await this.stop();
    for (const drop of this.parts.drops) await drop();
  }

  private async start(): Promise<void> {
    const starts = [...this.parts.plans].map(async ([service, plan]) => {
      this.running.set(service, await startProcess(plan, {...SILENT, warn: (l: string) => void process.stderr.write(`${performance.now()} ${l}\n`), say: (l: string) => void process.stderr.write(`${performance.now()} ${l}\n`)}));
    });
    await Promise.all(starts);
  }
}

const expiryS = (): number => Math.floor(Date.now() / 1_000) + TOKEN_LIFE_S;

const preloadUrl = (switchedOff: SwitchedOff): string =>
  pathToFileURL(join(import.meta.dirname, `${switchedOff}-off-process.ts`)).href;

/** The notification service is the one that calls another. */
async function tokenFile(folder: string, issuer: TokenIssuer): Promise<string> {
  const { SERVICE_ISSUER: iss, SERVICE_AUDIENCE: aud, SERVICE_NAMESPACE: namespace } = issuer.settings;
  const sub = `system:serviceaccount:${namespace}:notification`;
  const file = join(folder, 'notification.jwt');
  await writeFile(file, await issuer.forge({ iss, aud, sub, exp: expiryS() }), { mode: 0o600 });
  return file;
}

async function plansOf(env: Readonly<Record<string, string>>, folder: string) {
  const addresses = new Map<Service, string>();
  for (const service of SERVICES) addresses.set(service, `http://127.0.0.1:${await freePort()}`);
  const plans = SERVICES.map((service): [Service, ProcessPlan] => {
    const address = addresses.get(service)!;
    const more = { PORT: new URL(address).port, USER_SERVICE_URL: addresses.get('user')! };
    const logFile = join(folder, `${service}.log`);
    const script = `services/${service}/main.ts`;
    return [service, { name: service, script, address, env: { ...env, ...more }, logFile }];
  });
  return new Map(plans);
}
