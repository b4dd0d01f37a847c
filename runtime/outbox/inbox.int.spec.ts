import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { OutboxRig, SCHEMA } from '../../test/outbox-rig.ts';
import { inTransaction } from '../postgres/database.ts';
import { takeOnce } from './inbox.ts';

jest.setTimeout(30_000);

let rig: OutboxRig;
beforeAll(async () => {
  rig = await OutboxRig.open();
}, 30_000);
afterAll(() => rig.close());

const take = (eventId: string, group = 'order', thenWaitMs = 0): Promise<boolean> =>
  inTransaction(rig.pool, async (client) => {
    const isNew = await takeOnce(client, SCHEMA, group, eventId);
    await sleep(thenWaitMs);
    return isNew;
  });

describe('an event', () => {
  it('is taken the first time and not again', async () => {
    expect(await take('a')).toBe(true);
    expect(await take('a')).toBe(false);
  });

  it('is taken once by each group', async () => {
    expect(await take('b', 'order')).toBe(true);
    expect(await take('b', 'payment')).toBe(true);
    expect(await take('b', 'payment')).toBe(false);
  });

  it('is taken by exactly one of many at the same time', async () => {
    const takers = Array.from({ length: 8 }, () => take('c', 'order', 20));
    expect((await Promise.all(takers)).filter(Boolean)).toHaveLength(1);
  });

  it('is new again when the transaction that took it rolls back', async () => {
    const failing = inTransaction(rig.pool, async (client) => {
      expect(await takeOnce(client, SCHEMA, 'order', 'd')).toBe(true);
      throw new Error('the handler failed');
    });
    await expect(failing).rejects.toThrow('the handler failed');
    expect(await take('d')).toBe(true);
  });

  it('is taken by who waited, when the first taker rolls back', async () => {
    const isTaken = Promise.withResolvers<void>();
    const failing = inTransaction(rig.pool, async (client) => {
      await takeOnce(client, SCHEMA, 'order', 'e');
      isTaken.resolve();
      await sleep(100);
      throw new Error('the handler failed');
    });
    await isTaken.promise;
    const waiting = take('e');
    await expect(failing).rejects.toThrow('the handler failed');
    expect(await waiting).toBe(true);
  });
});
