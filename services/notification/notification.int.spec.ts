// From event to mail on the real Postgres: what is sent, how often, and what becomes of what cannot be.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  orderCancelled,
  orderConfirmed,
  paymentRefunded,
  userChallengeIssued,
} from '#contracts/shop-topics.ts';
import { freshDatabase } from '../../test/fresh.ts';
import { openStage, type Stage } from './test-stage.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let stage: Stage;
let userId: string;
const total = { amountMinor: 1999, currency: 'EUR' };

beforeAll(async () => {
  database = await freshDatabase();
  stage = await openStage(database.url);
});
afterAll(async () => {
  await stage?.close();
  await database?.drop();
});
beforeEach(async () => {
  await stage.pool.query('TRUNCATE notification, outbox');
  stage.mailer.mails.length = 0;
  stage.mailer.does = 'accept';
  stage.addresses.isAway = false;
  userId = randomUUID();
  stage.addresses.people.set(userId, { email: 'ada@mail.example', locale: 'en' });
});

const confirmed = (id?: string) =>
  stage.arrive(orderConfirmed, { orderId: 'o-1', userId, paymentId: 'p-1', total }, id);

describe('a notification', () => {
  it('goes out once, and is published as sent', async () => {
    const causeId = await confirmed();
    await stage.dispatch();
    await stage.dispatch();
    expect(stage.mailer.mails).toMatchObject([
      { to: 'ada@mail.example', subject: 'Your order o-1 is confirmed' },
    ]);
    expect(await stage.stateOf(causeId)).toEqual({ state: 'sent', reason: null, attempts: 1 });
    expect(await stage.published(causeId)).toEqual([
      { notificationId: expect.any(String), userId, template: 'order-confirmed', causeId },
    ]);
  });

  it('is one for each event, however often that comes, also at the same time and after it was sent', async () => {
    const id = randomUUID();
    await Promise.all([confirmed(id), confirmed(id), confirmed(id)]);
    await stage.dispatch();
    await confirmed(id);
    await stage.dispatch();
    expect(stage.mailer.mails).toHaveLength(1);
  });

  it('goes out once with many senders at the same time', async () => {
    for (let i = 0; i < 30; i += 1) await confirmed();
    await Promise.all([stage.dispatch(), stage.dispatch(), stage.dispatch()]);
    expect(stage.mailer.mails).toHaveLength(30);
    expect(new Set(stage.mailer.mails.map(({ messageId }) => messageId)).size).toBe(30);
  });

  it('is claimed by one sender, however many claim at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      await stage.pool.query('TRUNCATE notification');
      await Promise.all(Array.from({ length: 24 }, () => confirmed()));
      const claims = await Promise.all(Array.from({ length: 8 }, () => stage.store.claim(6)));
      const ids = claims.flat().map(({ notificationId }) => notificationId);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('is written for every event that customers are notified of', async () => {
    const contact = { email: 'ada@mail.example', locale: 'de', token: 'T0ken' };
    stage.addresses.challenges.set('c1', contact);
    await stage.arrive(userChallengeIssued, { challengeId: 'c1', userId, purpose: 'verify-email' });
    await stage.arrive(orderCancelled, { orderId: 'o-1', userId, reason: 'expired', total });
    await stage.arrive(paymentRefunded, { paymentId: 'p-1', orderId: 'o-1', userId, amount: total });
    await stage.dispatch();
    const subjects = stage.mailer.mails.map(({ subject }) => subject);
    expect(subjects.toSorted()).toEqual([
      'Bitte bestätigen Sie Ihre E-Mail-Adresse',
      'Your money for order o-1 is on its way back',
      'Your order o-1 was cancelled',
    ]);
    expect(stage.mailer.mails.some(({ text }) => text.includes('#token=T0ken'))).toBe(true);
  });

  it('leaves no address and no token in the database', async () => {
    stage.addresses.challenges.set('c2', { email: 'ada@mail.example', locale: 'de', token: 'T0ken' });
    await stage.arrive(userChallengeIssued, { challengeId: 'c2', userId, purpose: 'reset-password' });
    await confirmed();
    await stage.dispatch();
    const { rows } = await stage.pool.query(
      `SELECT (SELECT json_agg(n) FROM notification n) AS notifications, (SELECT json_agg(o) FROM outbox o) AS outbox`,
    );
    expect(stage.mailer.mails).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toMatch(/mail\.example|T0ken/);
  });
});

describe('a notification that contradicts earlier ones of its order', () => {
  const refused = (code: string) => expect.objectContaining({ name: 'RefusedEvent', code });
  const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
  const cancelled = (over: object) =>
    stage.arrive(orderCancelled, { orderId: 'o-1', userId, reason: 'expired', total, ...over });
  const refunded = (over: object) =>
    stage.arrive(paymentRefunded, { paymentId: 'p-1', orderId: 'o-1', userId, amount: total, ...over });

  it('goes to nobody', async () => {
    await confirmed();
    await expect(cancelled({})).rejects.toEqual(refused('told-another-end'));
    const another = { orderId: 'o-1', userId: randomUUID(), paymentId: 'p-1', total };
    await expect(stage.arrive(orderConfirmed, another)).rejects.toEqual(refused('told-another-customer'));
    const dear = { orderId: 'o-1', userId, paymentId: 'p-1', total: eur(total.amountMinor + 1) };
    await expect(stage.arrive(orderConfirmed, dear)).rejects.toEqual(refused('told-another-total'));
    await expect(refunded({ amount: eur(total.amountMinor + 1) })).rejects.toEqual(
      refused('refund-exceeds-total'),
    );
    await expect(refunded({ amount: { ...total, currency: 'JPY' } })).rejects.toEqual(
      refused('refund-exceeds-total'),
    );
    await expect(refunded({ userId: randomUUID() })).rejects.toEqual(refused('told-another-customer'));
    await stage.dispatch();
    expect(stage.mailer.mails).toHaveLength(1);
  });

  it('is none where parts of the money go back, and where it is about another order', async () => {
    await confirmed();
    await refunded({ amount: eur(1) });
    await refunded({ amount: eur(2) });
    await cancelled({ orderId: 'o-2' });
    await stage.dispatch();
    expect(stage.mailer.mails).toHaveLength(4);
  });
});

describe('a notification without a recipient or a subject', () => {
  it('is dropped when its user was erased', async () => {
    stage.addresses.people.delete(userId);
    const causeId = await confirmed();
    await stage.dispatch();
    expect(await stage.stateOf(causeId)).toMatchObject({ state: 'dropped', reason: 'user-erased' });
    expect(await stage.published(causeId)).toEqual([]);
  });

  it('is dropped when its challenge is over', async () => {
    const challenge = { challengeId: 'over', userId, purpose: 'reset-password' as const };
    const causeId = await stage.arrive(userChallengeIssued, challenge);
    await stage.dispatch();
    expect(await stage.stateOf(causeId)).toMatchObject({ state: 'dropped', reason: 'challenge-over' });
  });
});

describe('a notification during an outage', () => {
  it.each(['the user service', 'the mail server'])('of %s waits, and goes out afterwards', async (who) => {
    const setAway = (isAway: boolean) => {
      stage.addresses.isAway = isAway && who === 'the user service';
      stage.mailer.does = isAway && who === 'the mail server' ? 'fail' : 'accept';
    };
    setAway(true);
    const causeId = await confirmed();
    await stage.dispatch();
    await stage.dispatch();
    expect(await stage.stateOf(causeId)).toEqual({ state: 'pending', reason: null, attempts: 1 });
    expect(await stage.counted('notification_waiting')).toBe(1);
    setAway(false);
    await stage.hurry();
    await stage.dispatch();
    expect(await stage.stateOf(causeId)).toMatchObject({ state: 'sent', attempts: 2 });
    expect(await stage.published(causeId)).toHaveLength(1);
  });

  it('is given up after its last attempt, and goes out when an admin asks for another', async () => {
    stage.mailer.does = 'fail';
    const causeId = await confirmed();
    for (let i = 0; i < 5; i += 1) {
      await stage.dispatch();
      await stage.hurry();
    }
    expect(await stage.stateOf(causeId)).toEqual({
      state: 'failed',
      reason: 'attempts-exhausted',
      attempts: 3,
    });
    const [failed] = await stage.store.list('failed', 10);
    stage.mailer.does = 'accept';
    expect(await stage.store.retry(failed!.notificationId)).toBe('retried');
    await stage.dispatch();
    expect(await stage.stateOf(causeId)).toMatchObject({ state: 'sent', reason: null });
  });

  it('keeps its Message-ID through all tries, so that mailboxes can drop a repeat', async () => {
    stage.mailer.does = 'fail';
    await confirmed();
    await stage.dispatch();
    await stage.hurry();
    stage.mailer.does = 'accept';
    await stage.dispatch();
    const [first, second] = stage.mailer.mails.map(({ messageId }) => messageId);
    expect(first).toMatch(/^[0-9a-f-]{36}@shop\.example$/);
    expect(second).toBe(first);
  });

  it('fails at once for a recipient that the mail server does not know', async () => {
    stage.mailer.does = 'refuse';
    const causeId = await confirmed();
    await stage.dispatch();
    expect(await stage.stateOf(causeId)).toMatchObject({ state: 'failed', reason: 'recipient-refused' });
  });
});

describe('a sender that dies', () => {
  it('before the mail left costs nothing but time', async () => {
    const causeId = await confirmed();
    await stage.store.claim(10);
    await stage.dispatch();
    expect(stage.mailer.mails).toEqual([]);
    await stage.hurry();
    await stage.dispatch();
    expect(stage.mailer.mails).toHaveLength(1);
    expect(await stage.stateOf(causeId)).toMatchObject({ state: 'sent', attempts: 2 });
  });

  it('while the mail server has the mail makes it go out again, under the same Message-ID, and is counted', async () => {
    const before = await stage.counted('notification_handed_again_total');
    const causeId = await confirmed();
    const dying = { ...stage.store, finish: async () => Promise.reject(new Error('the process died')) };
    await expect(stage.dispatch({ store: dying })).rejects.toThrow('died');
    await stage.hurry();
    await stage.dispatch();
    const [first, second] = stage.mailer.mails.map(({ messageId }) => messageId);
    expect(second).toBe(first);
    expect(await stage.stateOf(causeId)).toMatchObject({ state: 'sent' });
    expect(await stage.published(causeId)).toHaveLength(1);
    expect(await stage.counted('notification_handed_again_total')).toBe(before + 1);
  });

  it('and comes back to life late sends nothing and marks nothing: its claim is another’s', async () => {
    const causeId = await confirmed();
    const [late] = await stage.store.claim(10);
    await stage.hurry();
    const [current] = await stage.store.claim(10);
    expect(await stage.store.handOver(late!)).toBe(false);
    expect(await stage.store.finish(late!, { state: 'sent' })).toBe(false);
    expect(await stage.published(causeId)).toEqual([]);
    expect(await stage.store.handOver(current!)).toBe(true);
    expect(await stage.store.finish(current!, { state: 'sent' })).toBe(true);
  });

  it('each time at the same mail takes that mail down after its last attempt', async () => {
    const causeId = await confirmed();
    for (let i = 0; i < 3; i += 1) {
      await stage.store.claim(10);
      await stage.hurry();
    }
    await stage.dispatch();
    expect(stage.mailer.mails).toEqual([]);
    expect(await stage.stateOf(causeId)).toMatchObject({ state: 'failed', reason: 'attempts-exhausted' });
  });

  it('after the database refused to note the mail for a moment has sent it once', async () => {
    const causeId = await confirmed();
    let refusals = 2;
    const finish: typeof stage.store.finish = (...mark) => {
      refusals -= 1;
      return refusals >= 0 ? Promise.reject(new Error('away')) : stage.store.finish(...mark);
    };
    await stage.dispatch({ store: { ...stage.store, finish } });
    expect(stage.mailer.mails).toHaveLength(1);
    expect(await stage.stateOf(causeId)).toMatchObject({ state: 'sent' });
  });
});

describe('what is long done', () => {
  it('is deleted, and one that waits is not', async () => {
    const done = await confirmed();
    await stage.dispatch();
    const waiting = await confirmed();
    await stage.pool.query(
      `UPDATE notification SET created_at = now() - interval '31 days', finished_at = finished_at - interval '31 days'`,
    );
    expect(await stage.store.forgetFinished(30 * 86_400_000, 10)).toBe(1);
    expect(await stage.stateOf(done)).toBeUndefined();
    expect(await stage.stateOf(waiting)).toMatchObject({ state: 'pending' });
  });
});
