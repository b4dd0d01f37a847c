// What the specs about a broken shop share: a broker and a Postgres of their own, and one shop at a time.
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { OwnServer } from '../faults/own-server.ts';
import { type Servers, Shop, type ShopOptions } from './shop.ts';

export interface ShopStage {
  readonly servers: () => Servers;
  /** A new shop, which ends with the test. */
  open(options?: ShopOptions): Promise<Shop>;
}

/** Called once, at the top of a spec file: servers come before its tests and go behind them. */
export function shopStage(): ShopStage {
  let servers: Servers | undefined;
  let shop: Shop | undefined;
  beforeAll(async () => {
    const [kafka, postgres] = await Promise.all([
      OwnServer.start('KAFKA_BROKERS'),
      OwnServer.start('DATABASE_URL'),
    ]);
    servers = { kafka, postgres };
  }, 120_000);
  afterEach(async () => {
    await shop?.close();
    shop = undefined;
  }, 60_000);
  afterAll(async () => {
    await Promise.all([servers!.kafka.remove(), servers!.postgres.remove()]);
  }, 60_000);
  return {
    servers: () => servers!,
    open: async (options) => {
      shop = await Shop.open(servers!, options);
      return shop;
    },
  };
}
