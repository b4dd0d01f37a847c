// The kit against the real Postgres, with the smallest domain: a counter that may be opened, grow and never fall below 0.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Event } from '#contracts/envelope.ts';
import { OutboxRig, SCHEMA } from '../test/outbox-rig.ts';
import {
  type AnyDecision,
  type Client,
  type CommandHandlerParts,
  causeOf,
  createCommandHandler,
  type Step,
} from './decisions.ts';
import { publishEvent } from './outbox/outbox.ts';
import { inTransaction } from './postgres/database.ts';

jest.setTimeout(30_000);

interface Counter {
  readonly version: number;
  readonly total: number;
}
interface Add {
  readonly amounts: readonly number[];
}
interface Added {
  readonly amount: number;
}
type Parts = CommandHandlerParts<Counter, Add, Added, AnyDecision<Added>>;

const NONE: Counter = { version: 0, total: 0 };
const SAMPLE = {
  name: 'sample',
  schema: SCHEMA,
  runsOn: 'eks',
  consumes: [],
  publishes: [],
  stores: [],
} as const;

function decide({ amounts }: Add, { total }: Counter): AnyDecision<Added> {
  if (amounts.length === 0) return { kind: 'ignored', why: 'nothing' };
  if (amounts.includes(13)) return { kind: 'impossible', why: 'unlucky' };
  const sum = amounts.reduce((one, other) => one + other, total);
  if (sum < 0) return { kind: 'refused', why: 'below-zero' };
  return { kind: 'happened', events: amounts.map((amount) => ({ amount })) };
}

let rig: OutboxRig;
beforeAll(async () => {
  rig = await OutboxRig.open();
  await rig.pool.query(
    'CREATE TABLE counter (id text PRIMARY KEY, version int NOT NULL, total int NOT NULL)',
  );
}, 30_000);
beforeEach(() => rig.pool.query(`TRUNCATE counter, "${SCHEMA}".inbox, "${SCHEMA}".outbox`));
afterAll(() => rig.close());

const lock = async (client: Client, id: string): Promise<Counter> => {
  const sql = 'SELECT version, total FROM counter WHERE id = $1 FOR UPDATE';
  return (await client.query<Counter>(sql, [id])).rows[0] ?? NONE;
};
const save = async (client: Client, { id, before, event, after }: Step<Counter, Added>): Promise<boolean> => {
  const sql =
    before.version === 0
      ? 'INSERT INTO counter VALUES ($1, $2, $3) ON CONFLICT DO NOTHING'
      : 'UPDATE counter SET version = $2, total = $3 WHERE id = $1 AND version = $2 - 1';
  if ((await client.query(sql, [id, after.version, after.total])).rowCount !== 1) return false;
  const message = { key: id, id: `${id}/${after.version}`, data: { n: event.amount } };
  await publishEvent(rig.describedTopic('added'), client, SAMPLE, message);
  return true;
};
const handlerOf = (parts: Partial<Parts> = {}) =>
  createCommandHandler<Counter, Add, Added, AnyDecision<Added>>({
    pool: rig.pool,
    process: SAMPLE,
    decide,
    evolve: ({ version, total }, { amount }) => ({ version: version + 1, total: total + amount }),
    lock,
    save,
    repeated: { kind: 'ignored', why: 'repeated' },
    versionOf: ({ version }) => version,
    ...parts,
  });
const stored = async (id: string) =>
  (await rig.pool.query<Counter>('SELECT version, total FROM counter WHERE id = $1', [id])).rows[0];
const published = async () =>
  (await rig.rows(rig.describedTopic('added'))).map(({ key, value }) => [key, JSON.parse(String(value)).n]);
const caused = (id: string, topic = 'cause') => ({
  cause: causeOf(rig.describedTopic(topic), { id } as Event<unknown>),
});

describe('a command', () => {
  it('saves the state and the messages of each of its events, in their order', async () => {
    const decided = await handlerOf().handle('a', { amounts: [3, 4] });
    expect(decided).toEqual({
      decision: { kind: 'happened', events: [{ amount: 3 }, { amount: 4 }] },
      state: { version: 2, total: 7 },
    });
    expect(await stored('a')).toEqual({ version: 2, total: 7 });
    expect(await published()).toEqual([
      ['a', 3],
      ['a', 4],
    ]);
  });

  it('publishes as its process', async () => {
    await handlerOf().handle('a', { amounts: [1] });
    const [row] = await rig.rows(rig.describedTopic('added'));
    expect(row?.headers).toMatchObject({
      ce_id: 'a/1',
      ce_source: '/services/sample',
      ce_type: 'shop.sample.v1',
    });
  });

  it('that is ignored or refused writes nothing', async () => {
    const { handle } = handlerOf();
    expect(await handle('a', { amounts: [] })).toEqual({
      decision: { kind: 'ignored', why: 'nothing' },
      state: NONE,
    });
    expect((await handle('a', { amounts: [-1] })).decision).toEqual({ kind: 'refused', why: 'below-zero' });
    expect([await stored('a'), await published()]).toEqual([undefined, []]);
  });

  it('is rolled back as a whole when one of its writes fails', async () => {
    const fails: Parts['save'] = async (client, step) => {
      await save(client, step);
      if (step.event.amount === 2) throw new Error('the disk is full');
      return true;
    };
    const { handle } = handlerOf({ save: fails });
    await expect(handle('a', { amounts: [1, 2] }, caused('e1'))).rejects.toThrow('the disk is full');
    expect([await stored('a'), await published()]).toEqual([undefined, []]);
    await handlerOf().handle('a', { amounts: [1, 2] }, caused('e1'));
    expect(await stored('a')).toEqual({ version: 2, total: 3 });
  });

  it('is decided after the one that holds the lock has ended', async () => {
    const { handle } = handlerOf();
    await handle('a', { amounts: [5] });
    const takeAll = await Promise.all(Array.from({ length: 4 }, () => handle('a', { amounts: [-5] })));
    expect(takeAll.map(({ decision }) => decision.kind).toSorted()).toEqual([
      'happened',
      'refused',
      'refused',
      'refused',
    ]);
    expect(await stored('a')).toEqual({ version: 2, total: 0 });
  });

  it('is decided again when the row appeared meanwhile', async () => {
    const seen: number[] = [];
    const { handle } = handlerOf({
      decide: (command, state) => {
        seen.push(state.version);
        return decide(command, state);
      },
      // All see that there is no row before the first one writes it.
      lock: async (client, id) => {
        const state = await lock(client, id);
        if (state.version === 0) await sleep(200);
        return state;
      },
    });
    await Promise.all([1, 2, 3].map((amount) => handle('a', { amounts: [amount] })));
    expect(await stored('a')).toEqual({ version: 3, total: 6 });
    expect(seen.toSorted((one, other) => one - other)).toEqual([0, 0, 0, 1, 2]);
  });

  it('is known to the lock, also when it is decided again', async () => {
    const asked: Add[] = [];
    const { handle } = handlerOf({
      lock: (client, id, command) => {
        asked.push(command);
        return lock(client, id);
      },
      save: async (client, step) => asked.length > 1 && save(client, step),
    });
    await handle('a', { amounts: [1] });
    expect(asked).toEqual([{ amounts: [1] }, { amounts: [1] }]);
  });

  it('ends with an error when a state can never be saved', async () => {
    const { handle } = handlerOf({ save: async () => false });
    await expect(handle('a', { amounts: [1] })).rejects.toMatchObject({ code: 'state-contended' });
  });
});

describe('an event', () => {
  it('takes effect once, also when it comes several times at once', async () => {
    const { handle } = handlerOf();
    const all = await Promise.all([1, 2, 3].map(() => handle('a', { amounts: [1] }, caused('e1'))));
    expect(all.map(({ decision }) => decision.kind).toSorted()).toEqual(['happened', 'ignored', 'ignored']);
    expect((await handle('a', { amounts: [1] }, caused('e1'))).decision).toEqual({
      kind: 'ignored',
      why: 'repeated',
    });
    expect(await stored('a')).toEqual({ version: 1, total: 1 });
  });

  it('is another one on another topic', async () => {
    const { handle } = handlerOf();
    await handle('a', { amounts: [1] }, caused('e1', 'one'));
    await handle('a', { amounts: [1] }, caused('e1', 'two'));
    expect(await stored('a')).toEqual({ version: 2, total: 2 });
    const { rows } = await rig.pool.query(`SELECT group_name FROM "${SCHEMA}".inbox ORDER BY 1`);
    expect(rows).toEqual([{ group_name: 'sample-one' }, { group_name: 'sample-two' }]);
  });

  it.each([
    ['refused', -1],
    ['impossible', 13],
  ])('that is %s leaves no mark: a replay takes effect', async (kind, amount) => {
    const { handle } = handlerOf();
    expect((await handle('a', { amounts: [amount] }, caused('e1'))).decision.kind).toBe(kind);
    await handle('a', { amounts: [1] }, caused('e1'));
    expect(await stored('a')).toEqual({ version: 1, total: 1 });
  });

  it('that is ignored leaves its mark', async () => {
    const { handle } = handlerOf();
    await handle('a', { amounts: [] }, caused('e1'));
    expect((await handle('a', { amounts: [1] }, caused('e1'))).decision).toMatchObject({ why: 'repeated' });
  });
});

describe('a command that is meant for versions', () => {
  it('takes effect on these alone', async () => {
    const { handle } = handlerOf();
    await handle('a', { amounts: [1, 1] });
    const stale = handle('a', { amounts: [1] }, { versions: [0, 1] });
    await expect(stale).rejects.toMatchObject({ name: 'AppError', code: 'changed-meanwhile' });
    expect(await stored('a')).toEqual({ version: 2, total: 2 });
    await handle('a', { amounts: [1] }, { versions: [1, 2] });
    expect(await stored('a')).toEqual({ version: 3, total: 3 });
  });

  it('conflicts before it is refused, and where nothing changes only if repeats are not expected', async () => {
    await handlerOf().handle('a', { amounts: [1] });
    const stale = { versions: [7] };
    const conflict = { code: 'changed-meanwhile' };
    await expect(handlerOf().handle('a', { amounts: [-9] }, stale)).rejects.toMatchObject(conflict);
    await expect(handlerOf().handle('a', { amounts: [] }, stale)).rejects.toMatchObject(conflict);
    const repeatable = handlerOf({ isRepeatable: true });
    expect((await repeatable.handle('a', { amounts: [] }, stale)).decision.kind).toBe('ignored');
    await expect(repeatable.handle('a', { amounts: [1] }, stale)).rejects.toMatchObject(conflict);
  });
});

describe('a state that the caller has locked', () => {
  it('is saved in the caller’s transaction, and is undone with it', async () => {
    const { handleLocked } = handlerOf();
    const failing = inTransaction(rig.pool, async (client) => {
      const decided = await handleLocked(client, 'a', await lock(client, 'a'), { amounts: [4] });
      expect(decided.state).toEqual({ version: 1, total: 4 });
      throw new Error('the rest failed');
    });
    await expect(failing).rejects.toThrow('the rest failed');
    expect([await stored('a'), await published()]).toEqual([undefined, []]);
  });
});
