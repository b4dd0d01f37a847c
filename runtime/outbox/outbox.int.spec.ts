import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventOf, OutboxRig, SCHEMA } from '../../test/outbox-rig.ts';
import { createLogger } from '../log.ts';
import { createRegistry } from '../metrics.ts';
import { inTransaction } from '../postgres/database.ts';
import { createOutboxMetrics } from './metrics.ts';
import { saveToOutbox } from './outbox.ts';
import { purgeStep } from './rows.ts';

jest.setTimeout(30_000);

let rig: OutboxRig;
beforeAll(async () => {
  rig = await OutboxRig.open();
}, 30_000);
afterAll(() => rig.close());

describe('an event for the outbox', () => {
  it('is refused for a topic of other events', async () => {
    const other = {
      ...rig.describedTopic('other'),
      event: { ...rig.describedTopic('other').event, type: 'shop.other.v1' },
    };
    const saving = saveToOutbox(rig.pool, SCHEMA, other, eventOf(rig.describedTopic('sample'), 'k', 1));
    await expect(saving).rejects.toMatchObject({ code: 'outbox-wrong-topic' });
  });

  it('is refused when it is larger than a broker takes', async () => {
    const topic = rig.describedTopic('large');
    await expect(rig.save(topic, 'k', [1], 'x'.repeat(1_000_000))).rejects.toMatchObject({
      code: 'outbox-record-too-large',
    });
    expect(await rig.rows(topic)).toEqual([]);
  });
});

describe('the measures of an outbox', () => {
  it('show what waits, for how long, and what is buried, also without a leader', async () => {
    const topic = rig.describedTopic('measured');
    await rig.save(topic, 'k', [1, 2]);
    await bury(topic.name, 3);
    await rig.pool.query(
      `UPDATE "${SCHEMA}".outbox SET created_at = now() - interval '90 seconds' WHERE topic = $1`,
      [topic.name],
    );
    const registry = createRegistry('spec');
    const metrics = createOutboxMetrics(rig.pool, SCHEMA, registry, createLogger('spec', 'silent'));
    await metrics.stop();
    const valueOf = async (name: string) =>
      (await registry.getMetricsAsJSON()).find((metric) => metric.name === name)?.values[0]?.value;
    expect(await valueOf('outbox_pending')).toBe(2);
    expect(await valueOf('outbox_oldest_age_seconds')).toBeGreaterThanOrEqual(90);
    expect(await valueOf('outbox_dead')).toBe(1);
    await rig.pool.query(`DELETE FROM "${SCHEMA}".outbox; DELETE FROM "${SCHEMA}".outbox_dead`);
  });
});

describe('the purge', () => {
  it('drops inbox marks after 14 days and idempotent answers after a day, and nothing younger', async () => {
    await rig.pool.query(`
      INSERT INTO "${SCHEMA}".inbox (group_name, event_id, seen_at) VALUES
        ('g', 'old', now() - interval '15 days'), ('g', 'young', now() - interval '13 days');
      INSERT INTO "${SCHEMA}".idempotency (caller, key, method_url, request_hash, created_at) VALUES
        ('c', 'old', 'POST /orders', '', now() - interval '25 hours'), ('c', 'young', 'POST /orders', '', now() - interval '23 hours')`);
    expect(await inTransaction(rig.pool, (client) => purgeStep(client, SCHEMA))).toBe(false);
    const { rows } = await rig.pool.query(
      `SELECT event_id AS left_over FROM "${SCHEMA}".inbox UNION ALL SELECT key FROM "${SCHEMA}".idempotency`,
    );
    expect(rows).toEqual([{ left_over: 'young' }, { left_over: 'young' }]);
  });

  it('deletes in steps, and says when there is more', async () => {
    await rig.pool.query(`INSERT INTO "${SCHEMA}".inbox (group_name, event_id, seen_at)
      SELECT 'many', n, now() - interval '15 days' FROM generate_series(1, 2500) n`);
    const step = () => inTransaction(rig.pool, (client) => purgeStep(client, SCHEMA));
    expect([await step(), await step()]).toEqual([true, false]);
    const { rows } = await rig.pool.query(
      `SELECT count(*) AS left_over FROM "${SCHEMA}".inbox WHERE group_name = 'many'`,
    );
    expect(rows).toEqual([{ left_over: 0 }]);
  });
});

describe('the replay command', () => {
  const run = (...options: string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const script = new URL('./replay.cli.ts', import.meta.url).pathname;
      const env = { ...process.env, DATABASE_URL: rig.url };
      const child = execFile(process.execPath, [script, ...options], { env }, (_error, out, err) =>
        resolve({ code: child.exitCode ?? -1, output: `${out}${err}` }),
      );
    });

  it('lists the dead and changes nothing, then puts those of a topic back in their order', async () => {
    await bury('one', 1);
    await bury('one', 2);
    await bury('two', 3);
    expect((await run('--schema', SCHEMA, '--list')).output).toBe(
      'one: 2 refused as MESSAGE_TOO_LARGE\ntwo: 1 refused as MESSAGE_TOO_LARGE\n',
    );
    expect((await run('--schema', SCHEMA, '--topic', 'one')).output).toMatch(/^2 records wait/m);
    expect(
      (await rig.rows(rig.describedTopic('one'))).map(({ value, attempts }) => [value, attempts]),
    ).toEqual([
      ['{"n":1}', 0],
      ['{"n":2}', 0],
    ]);
    expect(await rig.rows(rig.describedTopic('two'), 'outbox_dead')).toHaveLength(1);
  });

  it('explains itself, and says which option is missing', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, output: expect.stringContaining('--schema') });
    expect(await run()).toMatchObject({
      code: 1,
      output: expect.stringContaining('--schema: name the service'),
    });
  });
});

async function bury(topic: string, n: number): Promise<void> {
  await rig.pool.query(
    `INSERT INTO "${SCHEMA}".outbox_dead (id, topic, key, headers, value, created_at, attempts, reason)
     VALUES ($1, $2, 'k', '{}', $3, now(), 5, 'MESSAGE_TOO_LARGE')`,
    [n, topic, JSON.stringify({ n })],
  );
}
