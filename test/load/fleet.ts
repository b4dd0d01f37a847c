// The services as a cluster runs them: each behind a balancer, replaced one pod after the other as a Deployment with `maxSurge: 1` and
// `maxUnavailable: 0` does it. Real processes on the shared servers, with the times of contracts/shutdown.ts made shorter.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { TOPICS, topicSettings } from '#contracts/topics.ts';
import { createTopics } from '#runtime/kafka/client.ts';
import { createLogger } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres/database.ts';
import type { Addresses } from '../../bench/load/send.ts';
import { fillShelves } from '../../bench/load/shelves.ts';
import { freePort } from '../../local/launcher/ports.ts';
import type { ProcessPlan } from '../../local/launcher/processes.ts';
import { addSamples, sampleProducts } from '../../services/product/samples.ts';
import { createWarehouse } from '../../services/product/stock/warehouse.ts';
import { createProductStore } from '../../services/product/store.ts';
import { analyticsPlan } from '../checkout/analytics-plan.ts';
import { commonEnvironment, SERVICES, type Service, servicePlans } from '../checkout/service-plans.ts';
import { freshDatabase, freshKafka } from '../fresh.ts';
import { type KeptDatabase, keepDatabase } from '../kept-database.ts';
import { startTokenIssuer } from '../token-issuer.ts';
import { Balancer } from './balancer.ts';
import { type Replica, startReplica } from './replica.ts';

export type Member = Service | 'analytics';

/** How a pod ends: both times begin when it is asked to stop. */
export interface Going {
  /** Until SIGTERM. */
  readonly preStopMs: number;
  /** Until the balancer sends no new connection there. @default never */
  readonly heardAfterMs?: number;
}

export interface FleetOptions {
  readonly hasAnalytics?: boolean;
}

const PIECES = 2_000;

interface FleetParts {
  readonly databaseUrl: string;
  readonly plans: ReadonlyMap<Member, ProcessPlan>;
  readonly balancers: ReadonlyMap<Member, Balancer>;
  readonly drops: readonly (() => unknown)[];
}

export class Fleet {
  readonly databaseUrl: string;
  readonly addresses: Addresses;
  private readonly parts: FleetParts;
  private readonly replicas = new Map<Member, Replica>();
  private readonly database: KeptDatabase;

  private constructor(parts: FleetParts) {
    this.parts = parts;
    this.databaseUrl = parts.databaseUrl;
    this.database = keepDatabase(this.databaseUrl);
    const address = (service: Service): string => parts.balancers.get(service)!.address;
    this.addresses = {
      user: address('user'),
      product: address('product'),
      cart: address('cart'),
      order: address('order'),
      notification: address('notification'),
    };
  }

  /** A pod of each, and a shop with full shelves. */
  static async open(options: FleetOptions = {}): Promise<Fleet> {
    const fleet = new Fleet(await openParts(options));
    try {
      await Promise.all([...fleet.parts.plans.keys()].map((name) => fleet.start(name)));
      await fleet.fillShelves();
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  names = (): Member[] => [...this.parts.plans.keys()];

  env = (name: Member): Readonly<Record<string, string>> => this.parts.plans.get(name)!.env;

  /**
   * Another pod comes, is ready, and then the present one goes: its exit code, or the signal that ended it.
   * @param settings - what the new pod has otherwise than the one before
   */
  async roll(
    name: Member,
    { preStopMs, heardAfterMs }: Going,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<number | string> {
    const old = this.replicas.get(name)!;
    await this.start(name, settings);
    const heard =
      heardAfterMs !== undefined &&
      sleep(heardAfterMs).then(() => this.parts.balancers.get(name)!.remove(old.port));
    await sleep(preStopMs);
    old.terminate();
    const end = await old.ended;
    await heard;
    return end;
  }

  query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    return this.database.query<Row>(sql);
  }

  async close(): Promise<void> {
    for (const replica of this.replicas.values()) {
      replica.kill();
      await replica.ended;
    }
    for (const balancer of this.parts.balancers.values()) balancer.close();
    this.database.close();
    for (const drop of this.parts.drops) await drop();
  }

  private async start(name: Member, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const plan = this.parts.plans.get(name)!;
    const port = await freePort();
    const variable = name === 'analytics' ? 'OPS_PORT' : 'PORT';
    const address = `http://127.0.0.1:${port}`;
    const replica = await startReplica({
      ...plan,
      address,
      env: { ...plan.env, ...settings, [variable]: String(port) },
    });
    this.replicas.set(name, replica);
    this.parts.balancers.get(name)!.add(port);
  }

  /** The sample products, with pieces enough, once all services know of them. */
  private async fillShelves(): Promise<void> {
    const log = createLogger('spec', 'silent');
    const settings = { connectionString: this.databaseUrl, applicationName: 'spec', schema: 'product', log };
    const pool = createPool(settings);
    await addSamples(createProductStore(pool), createWarehouse(pool));
    await pool.end();
    await fillShelves(this.databaseUrl, PIECES);
    for (const table of ['"order".product_price', 'cart.product'])
      while ((await this.query(`SELECT 1 FROM ${table}`)).length < sampleProducts.length) await sleep(100);
  }
}

async function openParts({ hasAnalytics }: FleetOptions): Promise<FleetParts> {
  const database = await freshDatabase();
  const topics = freshKafka();
  const wanted = TOPICS.map((topic) => ({ ...topic, partitions: 2 }));
  await createTopics(topics.client, topicSettings(wanted), 1);
  const issuer = await startTokenIssuer();
  const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
  const members: Member[] = [...SERVICES, ...(hasAnalytics ? (['analytics'] as const) : [])];
  const balancers = new Map<Member, Balancer>();
  for (const name of members) balancers.set(name, await Balancer.open());
  const user = balancers.get('user')!.address;
  const env = {
    ...(await commonEnvironment(folder, issuer)),
    KAFKA_BROKERS: process.env.KAFKA_BROKERS ?? '',
    KAFKA_TOPIC_PREFIX: topics.client.nameOf(''),
    DATABASE_URL: database.url,
    // Customers sign in for real, and every service asks the user service for its keys.
    TOKEN_JWKS_URL: `${user}/.well-known/jwks.json`,
    ALLOWED_HOSTS: '127.0.0.1',
  };
  const plans = new Map<Member, ProcessPlan>();
  for (const [name, plan] of await servicePlans(env, folder))
    plans.set(name, { ...plan, env: { ...plan.env, USER_SERVICE_URL: user } });
  if (hasAnalytics) plans.set('analytics', await analyticsPlan(env, folder));
  const drops = [
    () => database.drop(),
    () => topics.drop(),
    () => issuer.close(),
    () => rm(folder, { recursive: true, force: true }),
  ];
  return { databaseUrl: database.url, plans, balancers, drops };
}
