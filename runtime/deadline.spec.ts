import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { isDoneWithin, within } from './deadline.ts';

const HOUR_MS = 3_600_000;
const never = new Promise<never>(() => {});
const soon = <Value>(value: Value) => sleep(1, value);

describe('work with a deadline', () => {
  it('that ends in time hands on its result, or its error', async () => {
    await expect(within(HOUR_MS, soon('done'))).resolves.toBe('done');
    await expect(within(HOUR_MS, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  it('that takes longer is an error with the code that was asked for', async () => {
    await expect(within(1, never)).rejects.toMatchObject({
      code: 'deadline-exceeded',
      facts: { limitMs: 1 },
    });
    await expect(within(1, never, { code: 'store-silent', what: 'the store' })).rejects.toMatchObject({
      code: 'store-silent',
      message: 'the store took longer than 1 ms',
    });
  });

  it('that fails after its caller has stopped waiting is not reported, and does not end the process', async () => {
    const failing = Promise.withResolvers<never>();
    await expect(within(1, failing.promise)).rejects.toMatchObject({ code: 'deadline-exceeded' });
    const done = Promise.withResolvers<never>();
    expect(await isDoneWithin(1, done.promise)).toBe(false);
    failing.reject(new Error('late'));
    done.reject(new Error('late'));
    await sleep(5);
  });
});

describe('a bounded wait', () => {
  it('says whether the work was done in time', async () => {
    expect(await isDoneWithin(HOUR_MS, soon('done'))).toBe(true);
    expect(await isDoneWithin(1, never)).toBe(false);
    await expect(isDoneWithin(HOUR_MS, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  it('is ended by its signal, also by one that was aborted before', async () => {
    const ending = new AbortController();
    const waiting = isDoneWithin(HOUR_MS, never, ending.signal);
    ending.abort();
    expect(await waiting).toBe(false);
    expect(await isDoneWithin(HOUR_MS, never, ending.signal)).toBe(false);
  });
});
