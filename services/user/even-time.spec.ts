import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { inEvenTime } from './even-time.ts';

const tookMs = async (stepMs: number, work: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  await inEvenTime(stepMs, work).catch(() => {});
  return performance.now() - startMs;
};

describe('work in even time', () => {
  it('ends at the first whole step after it is done, also when it fails', async () => {
    const fail = async () => Promise.reject(new Error('no'));
    for (const work of [async () => 1, () => sleep(30), fail]) {
      expect(await tookMs(100, work)).toBeGreaterThanOrEqual(98);
    }
    expect(await tookMs(100, () => sleep(130))).toBeGreaterThanOrEqual(198);
  });

  it('gives what the work gives', async () => {
    await expect(inEvenTime(1, async () => 'done')).resolves.toBe('done');
    await expect(inEvenTime(1, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
