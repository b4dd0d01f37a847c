// The outbox and its relay on the real Postgres and the real broker.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventOf, OutboxRig, SCHEMA } from '../../test/outbox-rig.ts';
import { readTopic } from '../../test/topic-reader.ts';
import { type KafkaGate, kafkaGate } from '../kafka/test-gate.ts';
import { createLogger } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import { createPool, inTransaction } from '../postgres/database.ts';
import { replayDead } from './dead.ts';
import { saveToOutbox } from './outbox.ts';
import { forgetPublished, nextRows } from './rows.ts';

jest.setTimeout(15_000);

let rig: OutboxRig;
beforeAll(async () => {
  rig = await OutboxRig.open();
}, 30_000);
afterEach(async () => {
  await rig.stopRelays();
  // A connection that receives nothing never notices its end, and would keep this process alive.
  for (const gate of gates.splice(0)) gate.shut();
});
afterAll(() => rig.close());

const gates: KafkaGate[] = [];
const openGate = (): KafkaGate => {
  const retry = { initialRetryTime: 50, maxRetryTime: 200 };
  const gate = kafkaGate(rig.client.nameOf, { requestTimeout: 800, retry });
  gates.push(gate);
  return gate;
};
const next = () => inTransaction(rig.pool, (client) => nextRows(client, SCHEMA, []));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

describe('the relay', () => {
  it('publishes what was committed as it was encoded, and forgets it', async () => {
    const topic = await rig.topic('plain');
    const event = eventOf(topic, 'k', 1, 'ä\u0000"');
    await inTransaction(rig.pool, (client) => saveToOutbox(client, SCHEMA, topic, event));
    await rig.startRelay();
    await rig.untilRows(topic, 0);
    const [record] = await readTopic(rig.client, topic.name);
    const headers = Object.entries(record?.headers ?? {}).map(([name, bytes]) => [name, String(bytes)]);
    expect({
      key: String(record?.key),
      value: String(record?.value),
      headers: Object.fromEntries(headers),
    }).toEqual(event);
  });

  it('removes all marks that are outdated, step after step, although nothing wakes it', async () => {
    const mark = (count: number, age: string) =>
      rig.pool.query(
        `INSERT INTO "${SCHEMA}".inbox (group_name, event_id, seen_at)
         SELECT 'spec-' || $2, n::text, now() - $2::interval FROM generate_series(1, $1::int) AS n`,
        [count, age],
      );
    await mark(7_000, '15 days');
    await mark(10, '13 days');
    await rig.startRelay({ pollMs: 600_000 });
    const left = async () => (await rig.pool.query(`SELECT 1 FROM "${SCHEMA}".inbox`)).rowCount ?? 0;
    while ((await left()) > 10) await sleep(20);
    expect(await left()).toBe(10);
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    const topic = await rig.topic('rolled-back');
    await rig.startRelay();
    const failing = inTransaction(rig.pool, async (client) => {
      await saveToOutbox(client, SCHEMA, topic, eventOf(topic, 'k', 1));
      throw new Error('the decision failed');
    });
    await expect(failing).rejects.toThrow('the decision failed');
    await rig.save(topic, 'k', [2]);
    await rig.untilRows(topic, 0);
    expect(await rig.numbers(topic)).toEqual([2]);
  });

  it('keeps the order of every key through many batches', async () => {
    const topic = await rig.topic('ordered', { partitions: 3 });
    await Promise.all(['a', 'b', 'c', 'd'].map((key) => rig.save(topic, key, upTo(400))));
    await rig.startRelay();
    await rig.untilRows(topic, 0);
    for (const key of ['a', 'b', 'c', 'd']) expect(await rig.numbers(topic, key)).toEqual(upTo(400));
  });

  it('publishes records that together are larger than a batch may be', async () => {
    const topic = await rig.topic('bulky');
    await rig.save(topic, 'k', upTo(5), 'x'.repeat(450_000));
    await rig.startRelay();
    await rig.untilRows(topic, 0);
    expect(await rig.numbers(topic)).toEqual(upTo(5));
  });

  it('takes no more than fits one batch into memory, and a larger record alone', async () => {
    const topic = await rig.topic('bounded');
    await rig.save(topic, 'k', upTo(3), 'x'.repeat(300_000));
    await rig.save(topic, 'k', [4], 'x'.repeat(900_000));
    await rig.save(topic, 'k', [5]);
    const taken: [count: number, isMore: boolean][] = [];
    for (let at = await next(); at.rows.length > 0; at = await next()) {
      const { rows } = at;
      taken.push([rows.length, at.isMore]);
      await inTransaction(rig.pool, (client) =>
        forgetPublished(
          client,
          SCHEMA,
          rows.map(({ id }) => id),
        ),
      );
    }
    expect(taken).toEqual([
      [2, true],
      [1, true],
      [1, true],
      [1, false],
    ]);
  });

  it('learns of rows of other processes before it polls', async () => {
    const topic = await rig.topic('heard');
    await rig.startRelay({ pollMs: 60_000 });
    await rig.save(topic, 'k', [1]);
    await rig.untilRows(topic, 0);
    await sleep(100);
    await rig.save(topic, 'k', [2]);
    await rig.untilRows(topic, 0);
    expect(await rig.numbers(topic)).toEqual([1, 2]);
  });

  it('leads alone, and another takes over when it stops', async () => {
    const topic = await rig.topic('led');
    const registry = createRegistry('spec');
    const published = () => registry.getSingleMetricAsString('outbox_published_total');
    const leader = await rig.startRelay();
    await rig.save(topic, 'k', [1]);
    await rig.untilRows(topic, 0);
    await rig.startRelay({ registry, pollMs: 100 });
    await rig.save(topic, 'k', upTo(50).slice(1));
    await rig.untilRows(topic, 0);
    expect(await published()).not.toContain('topic=');
    await leader.stop();
    await rig.save(topic, 'k', [51]);
    await rig.untilRows(topic, 0);
    expect(await published()).toMatch(/topic="led"[^}]*\} 1$/);
    expect(await rig.numbers(topic)).toEqual(upTo(51));
  });

  it('is stopped in time while the broker does not answer, and loses nothing', async () => {
    const topic = await rig.topic('stopped');
    const gate = openGate();
    const relay = await rig.startRelay({ client: gate.client, stopWaitMs: 300 });
    await rig.save(topic, 'k', [1]);
    await rig.untilRows(topic, 0);
    gate.deafen();
    await rig.save(topic, 'k', [2]);
    await sleep(100);
    const startedMs = Date.now();
    await relay.stop();
    expect(Date.now() - startedMs).toBeLessThan(3_000);
    await rig.startRelay();
    await rig.untilRows(topic, 0);
    expect(new Set(await rig.numbers(topic))).toEqual(new Set([1, 2]));
  });
});

describe('an outage', () => {
  it('of the broker delays records, and neither counts against them nor mixes up their order', async () => {
    const topic = await rig.topic('outage');
    const gate = openGate();
    const registry = createRegistry('spec');
    const retries = () => registry.getSingleMetricAsString('outbox_retries_total');
    await rig.startRelay({ client: gate.client, registry, attemptCountMax: 1 });
    await rig.save(topic, 'k', [1]);
    await rig.untilRows(topic, 0);
    gate.shut();
    await rig.save(topic, 'k', [2, 3]);
    while (!(await retries()).includes('reason=')) await sleep(50);
    expect(await rig.rows(topic)).toMatchObject([{ attempts: 0 }, { attempts: 0 }]);
    await rig.save(topic, 'k', [4]);
    gate.open();
    await rig.untilRows(topic, 0);
    expect(await rig.numbers(topic)).toEqual([1, 2, 3, 4]);
    expect(await rig.rows(topic, 'outbox_dead')).toEqual([]);
  });

  it('in which answers get lost loses no record, also when the next batch is another one', async () => {
    const topic = await rig.topic('deaf');
    const gate = openGate();
    await rig.startRelay({ client: gate.client });
    await rig.save(topic, 'k', [1]);
    await rig.untilRows(topic, 0);
    gate.deafen();
    await rig.save(topic, 'k', [2]);
    while ((await rig.numbers(topic)).length < 2) await sleep(20);
    await rig.save(topic, 'k', [3]);
    await sleep(1_000);
    gate.open();
    await rig.untilRows(topic, 0);
    const numbers = await rig.numbers(topic);
    expect(numbers.slice(0, 2)).toEqual([1, 2]);
    expect(numbers.at(-1)).toBe(3);
  });

  it('of the database, or the loss of the lock, is followed by another lead', async () => {
    const topic = await rig.topic('no-database');
    const pool = createPool({
      connectionString: rig.url,
      applicationName: 'cut-off',
      log: createLogger('spec', 'silent'),
    });
    const relay = await rig.startRelay({ pool, pollMs: 100 });
    await rig.save(topic, 'k', [1]);
    await rig.untilRows(topic, 0);
    await rig.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut-off'`,
    );
    await rig.save(topic, 'k', [2]);
    await rig.untilRows(topic, 0);
    expect(await rig.numbers(topic)).toEqual([1, 2]);
    await relay.stop();
    await pool.end();
  });

  it('between the acknowledgement and the deletion publishes twice, and loses nothing', async () => {
    const topic = await rig.topic('twice');
    await rig.pool.query(`CREATE TABLE fuse (is_lit boolean); INSERT INTO fuse VALUES (true);
      CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF OLD.topic = 'twice' AND (SELECT is_lit FROM fuse) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN OLD;
      END $$;
      CREATE TRIGGER crash BEFORE DELETE ON "${SCHEMA}".outbox FOR EACH ROW EXECUTE FUNCTION crash();`);
    await rig.save(topic, 'k', [1, 2]);
    await rig.startRelay();
    while ((await rig.numbers(topic)).length < 2) await sleep(20);
    await rig.pool.query('UPDATE fuse SET is_lit = false');
    await rig.save(topic, 'k', [3]);
    await rig.untilRows(topic, 0);
    const numbers = await rig.numbers(topic);
    expect(numbers.slice(0, 4)).toEqual([1, 2, 1, 2]);
    expect(numbers.at(-1)).toBe(3);
  });
});

describe('a record that the broker refuses', () => {
  const large = 'x'.repeat(20_000);

  it('holds back its key alone while it is tried again', async () => {
    const topic = await rig.topic('held', { bytesMax: 10_000 });
    await rig.save(topic, 'a', [1]);
    await rig.save(topic, 'bad', [2], large);
    await rig.save(topic, 'bad', [3]);
    await rig.save(topic, 'b', [4]);
    await rig.startRelay({ retryDelayMs: 60_000 });
    await rig.untilRows(topic, 2);
    await rig.save(topic, 'bad', [5]);
    await rig.save(topic, 'a', [6]);
    while (!(await rig.numbers(topic)).includes(6)) await sleep(20);
    expect(new Set(await rig.numbers(topic))).toEqual(new Set([1, 4, 6]));
    expect((await rig.rows(topic)).map(({ attempts, last_error }) => [attempts, last_error])).toEqual([
      [1, 'MESSAGE_TOO_LARGE'],
      [0, null],
      [0, null],
    ]);
    await rig.pool.query(`DELETE FROM "${SCHEMA}".outbox WHERE topic = $1`, [topic.name]);
  });

  it('is buried after its last attempt, lets its key go on, and is published by a replay', async () => {
    const topic = await rig.topic('buried', { bytesMax: 10_000 });
    const registry = createRegistry('spec');
    await rig.save(topic, 'bad', [1], large);
    await rig.save(topic, 'bad', [2]);
    await rig.startRelay({ attemptCountMax: 3, pollMs: 50, registry });
    await rig.untilRows(topic, 0);
    expect(await rig.numbers(topic)).toEqual([2]);
    expect(await rig.rows(topic, 'outbox_dead')).toMatchObject([
      { key: 'bad', attempts: 3, reason: 'MESSAGE_TOO_LARGE' },
    ]);
    expect(await replayDead(rig.pool, SCHEMA, 'another-topic')).toBe(0);
    await rig.topicTakes(topic, 100_000);
    expect(await replayDead(rig.pool, SCHEMA, topic.name)).toBe(1);
    while ((await rig.numbers(topic)).length < 2) await sleep(20);
    expect(await rig.numbers(topic)).toEqual([2, 1]);
    expect(await rig.rows(topic, 'outbox_dead')).toEqual([]);
  });

  it('for the name of its topic is buried too', async () => {
    const topic = rig.describedTopic('no/such name');
    await rig.startRelay({ attemptCountMax: 2, pollMs: 50 });
    await rig.save(topic, 'k', [1]);
    await rig.untilRows(topic, 0);
    expect(await rig.rows(topic, 'outbox_dead')).toMatchObject([{ reason: 'INVALID_TOPIC_EXCEPTION' }]);
  });

  it('since its topic is not there yet waits for it, and others go on', async () => {
    const [late, present] = [rig.describedTopic('late'), await rig.topic('present')];
    await rig.startRelay({ attemptCountMax: 1, pollMs: 50 });
    await rig.save(late, 'k', [1, 2]);
    await rig.save(present, 'k', [1]);
    await rig.untilRows(present, 0);
    expect(await rig.rows(late)).toMatchObject([{ attempts: 0 }, { attempts: 0 }]);
    await rig.topic('late');
    await rig.untilRows(late, 0);
    expect(await rig.numbers(late)).toEqual([1, 2]);
  });
});
