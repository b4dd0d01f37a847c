// What the specs of a shop under faults share: a broker and a Postgres that nobody else uses, and one shop at a time.
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { OwnServer } from '../faults/own-server.ts';
import { type Servers, Shop, type ShopOptions } from './shop.ts';

export interface ShopStage {
  readonly servers: () => Servers;
  /** Opens a new shop, which is closed after the test. */
  open(options?: ShopOptions): Promise<Shop>;
}

/** Called once, at the top of a spec file: starts the servers before its tests and removes them after the last one. */
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
