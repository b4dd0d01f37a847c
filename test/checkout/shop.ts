// A shop for the specs of faults: its services are processes that are started again whenever they end, on servers that a spec kills.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { TOPICS, topicSettings } from '#contracts/topics.ts';
import { createTopics, type KafkaClient } from '#runtime/kafka/client.ts';
import { freePort } from '../../local/launcher/ports.ts';
import { type ProcessPlan, type RunningProcess, startProcess } from '../../local/launcher/processes.ts';
import type { OwnServer } from '../faults/own-server.ts';
import { freshDatabase, freshKafka } from '../fresh.ts';
import { type KeptDatabase, keepDatabase } from '../kept-database.ts';
import { startTokenIssuer, type TokenIssuer } from '../token-issuer.ts';
import { analyticsPlan } from './analytics-plan.ts';
import {
  commonEnvironment,
  type Service,
  type SwitchedOff,
  servicePlans,
  storefrontPlan,
  tokenExpiryS,
} from './service-plans.ts';

export interface Servers {
  readonly kafka: OwnServer;
  readonly postgres: OwnServer;
}

/** Where a shop finds its servers. */
export type Addresses = Readonly<Record<keyof Servers, Pick<OwnServer, 'within' | 'env'>>>;

/** A process of the shop that is run here. */
export type Running = Service | 'analytics' | 'storefront';

export interface ShopOptions {
  readonly switchedOff?: SwitchedOff | undefined;
  /** The analytics worker runs too; for Firestore and GCS it takes the servers that all specs share. */
  readonly hasAnalytics?: boolean;
  /** The pages of the shop are served too. */
  readonly hasStorefront?: boolean;
  /** More variables for every process, which win over the usual ones. @default none */
  readonly env?: Readonly<Record<string, string>>;
}

/** Messages about ends and restarts of processes are no news here: specs cause them. */
const SILENT = { say: () => {}, part: () => {}, step: () => {}, warn: () => {}, title: () => {} };

interface ShopParts {
  readonly databaseUrl: string;
  readonly client: KafkaClient;
  readonly issuer: TokenIssuer;
  readonly plans: ReadonlyMap<Running, ProcessPlan>;
  readonly drops: readonly (() => Promise<unknown>)[];
}

export class Shop {
  readonly databaseUrl: string;
  readonly client: KafkaClient;
  private readonly parts: ShopParts;
  private readonly running = new Map<Running, RunningProcess>();
  private readonly database: KeptDatabase;

  private constructor(parts: ShopParts) {
    this.parts = parts;
    this.databaseUrl = parts.databaseUrl;
    this.database = keepDatabase(this.databaseUrl);
    this.client = parts.client;
  }

  /** Starts a shop with no data. */
  static async open({ kafka, postgres }: Addresses, options: ShopOptions = {}): Promise<Shop> {
    const database = await postgres.within(freshDatabase);
    const topics = await kafka.within(async () => freshKafka());
    const wanted = TOPICS.map((topic) => ({ ...topic, partitions: 2 }));
    await createTopics(topics.client, topicSettings(wanted), 1);
    const issuer = await startTokenIssuer();
    const folder = await mkdtemp(join(tmpdir(), 'shop-'));
    const env = {
      ...(await commonEnvironment(folder, issuer, options.switchedOff)),
      ...kafka.env,
      KAFKA_TOPIC_PREFIX: topics.client.nameOf(''),
      DATABASE_URL: database.url,
      ...options.env,
    };
    const drops = [database.drop, () => issuer.close(), () => rm(folder, { recursive: true, force: true })];
    const plans = new Map<Running, ProcessPlan>(await servicePlans(env, folder));
    if (options.hasAnalytics) plans.set('analytics', await analyticsPlan(env, folder));
    if (options.hasStorefront) {
      const address = `http://127.0.0.1:${await freePort()}`;
      const addressOf = (service: Service): string => plans.get(service)!.address;
      plans.set('storefront', storefrontPlan(address, folder, addressOf, env));
    }
    const shop = new Shop({ databaseUrl: database.url, client: topics.client, issuer, plans, drops });
    try {
      await shop.start();
      return shop;
    } catch (error) {
      await shop.close();
      throw error;
    }
  }

  address = (service: Service): string => this.addressOf(service);

  addressOf = (name: Running): string => this.parts.plans.get(name)!.address;

  /** The names of all processes of this shop. */
  names = (): Running[] => [...this.parts.plans.keys()];

  /** The variables of a process. */
  env = (name: Running): Readonly<Record<string, string>> => this.parts.plans.get(name)!.env;

  /** SIGKILL; its keeper starts it again. False when it does not run just now. */
  kill(service: Running): boolean {
    try {
      return process.kill(this.running.get(service)!.pid(), 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      return false;
    }
  }

  /** The process ids by name: a process that was started again has another one. */
  pids(): Record<string, number> {
    return Object.fromEntries([...this.running].map(([name, running]) => [name, running.pid()]));
  }

  /** The answers of `/readyz` that are not `ok`, by process. */
  async troubles(): Promise<Record<string, unknown>> {
    const answers = [...this.parts.plans].map(async ([service, { address }]) => {
      const answer = (await (await fetch(`${address}/readyz`)).json()) as { status: string };
      return answer.status === 'ok' ? [] : [[service, answer] as const];
    });
    return Object.fromEntries((await Promise.all(answers)).flat());
  }

  /** A token that is valid for the whole run; the issuer's usual ones expire after five minutes. */
  tokenFor(userId: string, role: 'customer' | 'admin'): Promise<string> {
    const { TOKEN_ISSUER: iss, TOKEN_AUDIENCE: aud } = this.parts.issuer.settings;
    return this.parts.issuer.forge({ iss, aud, sub: userId, role, exp: tokenExpiryS() });
  }

  query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.database.query<Row>(sql, values);
  }

  /** @see KeptDatabase.until */
  until(sql: string): Promise<void> {
    return this.database.until(sql);
  }

  /** Kills the services, and does not start them again: what they had only in memory is lost. */
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
    this.database.close();
    for (const drop of this.parts.drops) await drop();
  }

  /** All that could start are kept before a failure is thrown, so that `close` stops them. */
  private async start(): Promise<void> {
    const starts = [...this.parts.plans].map(async ([service, plan]) => {
      this.running.set(service, await startProcess(plan, SILENT));
    });
    const failure = (await Promise.allSettled(starts)).find((one) => one.status === 'rejected');
    if (failure?.status === 'rejected') throw failure.reason;
  }
}
