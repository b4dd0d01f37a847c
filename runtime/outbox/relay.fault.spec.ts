// Relays and a broker that are killed at any moment, while services go on saving events.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Topic } from '#contracts/topic.ts';
import { createRandom } from '../../demo/samples/random.ts';
import { startKafka } from '../../local/kafka/kafka.ts';
import { freePort } from '../../local/launcher/ports.ts';
import type { RunningServer, ServerOptions } from '../../local/server/server.ts';
import { type ModuleProcess, runModule } from '../../test/child-process.ts';
import { SEEDS } from '../../test/faults/seeds.ts';
import { OutboxRig, SCHEMA } from '../../test/outbox-rig.ts';
import { makeServerFolder } from '../../test/platform/server-folder.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const SHARED_BROKERS = process.env.KAFKA_BROKERS;

let options: ServerOptions;
let broker: RunningServer;
let rig: OutboxRig;

/** Where `KAFKA_BROKERS` is set, the function takes that broker for its own. */
async function startBroker(): Promise<void> {
  delete process.env.KAFKA_BROKERS;
  broker = await startKafka(options);
  Object.assign(process.env, broker.env);
}

beforeAll(async () => {
  const dataDir = await makeServerFolder('relay-fault-');
  options = { dataDir, logFile: join(dataDir, 'server.log'), port: await freePort() };
  await startBroker();
  rig = await OutboxRig.open();
}, 120_000);
afterEach(() => rig.stopRelays());
afterAll(async () => {
  await rig.close();
  await broker.stop();
  process.env.KAFKA_BROKERS = SHARED_BROKERS;
  await rm(options.dataDir, { recursive: true, force: true });
}, 60_000);

/** Saves numbers of every key, one after the other, until it is stopped; then says how many of each. */
function keepSaving(topic: Topic<{ n: number }>): () => Promise<number> {
  let isStopping = false;
  const saving = (async () => {
    for (let n = 1; ; n += 1) {
      for (const key of KEYS) await rig.save(topic, key, [n]);
      if (isStopping) return n;
      await sleep(5);
    }
  })();
  return () => {
    isStopping = true;
    return saving;
  };
}

/** Every number of each key came, and for the first time in its order. */
async function expectAllInOrder(topic: Topic<{ n: number }>, count: number): Promise<void> {
  const expected = Array.from({ length: count }, (_, index) => index + 1);
  for (const key of KEYS) expect([...new Set(await rig.numbers(topic, key))]).toEqual(expected);
  expect(await rig.rows(topic, 'outbox_dead')).toEqual([]);
}

const relayProcess = (): ModuleProcess =>
  runModule(
    `import { createKafka } from '#runtime/kafka/client.ts';
     import { createLogger } from '#runtime/log.ts';
     import { createRegistry } from '#runtime/metrics.ts';
     import { createPool } from '#runtime/postgres/database.ts';
     import { startRelay } from '#runtime/outbox/relay.ts';
     const log = createLogger('relay', 'info');
     const config = { KAFKA_BROKERS: [process.env.KAFKA_BROKERS], KAFKA_AUTH: 'none', KAFKA_TOPIC_PREFIX: process.env.PREFIX };
     const pool = createPool({ connectionString: process.env.DATABASE_URL, applicationName: 'relay', log });
     const client = createKafka(config, 'relay', log);
     await startRelay({ pool, schema: '${SCHEMA}', client, log, registry: createRegistry('relay'), pollMs: 50 });`,
    {
      KAFKA_BROKERS: process.env.KAFKA_BROKERS ?? '',
      DATABASE_URL: rig.url,
      PREFIX: rig.client.nameOf(''),
    },
  );

describe.each(SEEDS)('with seed %i', (seed) => {
  const random = createRandom(seed);

  it('a relay that is killed again and again loses nothing and keeps the order of each key', async () => {
    const topic = await rig.topic(`killed-${seed}`, { partitions: 3 });
    const stopSaving = keepSaving(topic);
    for (let kill = 0; kill < 6; kill += 1) {
      const relay = relayProcess();
      await relay.waitFor('now the relay of the outbox');
      await sleep(random.whole(50, 600));
      relay.child.kill('SIGKILL');
      await relay.ended;
    }
    const count = await stopSaving();
    await rig.startRelay();
    await rig.untilRows(topic, 0);
    await expectAllInOrder(topic, count);
  }, 90_000);

  it('a broker that is killed and comes back loses nothing, buries nothing and keeps the order of each key', async () => {
    const topic = await rig.topic(`broker-${seed}`, { partitions: 3 });
    await rig.startRelay({ attemptCountMax: 1 });
    const stopSaving = keepSaving(topic);
    for (const awayMs of [0, 2_000]) {
      await sleep(random.whole(200, 1_500));
      process.kill(broker.pids[0]!, 'SIGKILL');
      await broker.ended;
      await sleep(awayMs);
      await startBroker();
    }
    const count = await stopSaving();
    await rig.untilRows(topic, 0);
    await expectAllInOrder(topic, count);
  }, 150_000);
});
