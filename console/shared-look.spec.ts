import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { shareLook } from './shared-look.ts';

describe('a shared look', () => {
  it('is one for all who ask at the same time, and for those who ask soon', async () => {
    let looks = 0;
    const ask = shareLook({ look: async () => ++looks, freshMs: 60_000, waitMsMax: 1_000 });
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    expect(await ask()).toBe(1);
  });

  it('is taken again once it is old', async () => {
    let looks = 0;
    const ask = shareLook({ look: async () => ++looks, freshMs: 0, waitMsMax: 1_000 });
    expect([await ask(), await ask()]).toEqual([1, 2]);
  });

  it('that hangs makes askers give up, and is not begun twice', async () => {
    let looks = 0;
    const answer = Promise.withResolvers<string>();
    const look = () => {
      looks += 1;
      return answer.promise;
    };
    const ask = shareLook({ look, freshMs: 60_000, waitMsMax: 10 });
    await expect(ask()).rejects.toMatchObject({ code: 'deadline-exceeded' });
    await expect(ask()).rejects.toMatchObject({ code: 'deadline-exceeded' });
    answer.resolve('at last');
    expect(await ask()).toBe('at last');
    expect(looks).toBe(1);
  });

  it('that fails is tried again at the next request', async () => {
    const looks = [Promise.reject(new Error('away')), Promise.resolve('there')];
    looks[0]!.catch(() => {});
    const ask = shareLook({ look: () => looks.shift()!, freshMs: 60_000, waitMsMax: 1_000 });
    await expect(ask()).rejects.toThrow('away');
    expect(await ask()).toBe('there');
  });

  it('closes what it keeps open once there are no more requests', async () => {
    const rests = new EventEmitter();
    const onRest = () => void rests.emit('rest');
    const ask = shareLook({ look: async () => 1, freshMs: 0, waitMsMax: 1_000, onRest, restAfterMs: 5 });
    const rested = once(rests, 'rest');
    await ask();
    await rested;
  });
});
