import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createBell } from './bell.ts';

const LONG_MS = 600_000;

describe('a bell', () => {
  it('ends a wait', async () => {
    const bell = createBell();
    const heard = bell.heard(LONG_MS);
    bell.ring();
    await heard;
  });

  it('ends the next wait at once when it rang before', async () => {
    const bell = createBell();
    bell.ring();
    bell.ring();
    await bell.heard(LONG_MS);
    const again = bell.heard(LONG_MS).then(() => 'heard');
    expect(await Promise.race([again, sleep(30, 'silent')])).toBe('silent');
    bell.ring();
    await again;
  });

  it('is waited for no longer than was asked, nor beyond the end of the signal', async () => {
    const bell = createBell();
    await bell.heard(1);
    const ending = new AbortController();
    const heard = bell.heard(LONG_MS, ending.signal);
    ending.abort();
    await heard;
    await bell.heard(LONG_MS, ending.signal);
  });
});
