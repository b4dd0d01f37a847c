import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Lane, type LaneBatch } from './group-lane.ts';

/** A lane whose batches are worked when the spec says so; what happens to it, as words. */
function openLane() {
  const happened: string[] = [];
  const membership = new AbortController();
  const asked: { readonly batch: string; readonly answer: PromiseWithResolvers<number> }[] = [];
  const lane: Lane<LaneBatch> = new Lane<LaneBatch>({
    handle: ({ fetchedOffset, nextOffset }) => {
      const answer = Promise.withResolvers<number>();
      asked.push({ batch: `${fetchedOffset}-${nextOffset}`, answer });
      return answer.promise;
    },
    onFailure: ({ fetchedOffset }, error) =>
      happened.push(`${fetchedOffset} failed: ${(error as Error).message}`),
    restOf: (batch, position) => ({ ...batch, fetchedOffset: position }),
    seek: (position) => {
      happened.push(`seek ${position}`);
      lane.restart();
    },
    onPause: (isPaused) => happened.push(isPaused ? 'paused' : 'fetched again'),
    onHold: (isHeld) => happened.push(isHeld ? 'held' : 'goes on'),
  });
  const batch = (fetchedOffset: number, nextOffset: number): LaneBatch => {
    const { reading } = lane;
    const { signal } = membership;
    return {
      fetchedOffset,
      nextOffset,
      signal,
      isCurrent: () => !signal.aborted && lane.reading === reading,
    };
  };
  const add = (fetchedOffset: number, nextOffset: number): void => lane.add(batch(fetchedOffset, nextOffset));
  /** What is asked to be worked, once that has been asked `count` times. */
  const handled = async (count: number): Promise<string[]> => {
    while (asked.length < count) await sleep(5);
    return asked.map((one) => one.batch);
  };
  const answer = (nth: number, position: number): void => asked[nth - 1]!.answer.resolve(position);
  const fail = (nth: number): void => asked[nth - 1]!.answer.reject(new Error('no'));
  return { lane, happened, membership, add, handled, answer, fail };
}

describe('a partition of a member', () => {
  it('works one batch at a time, in order, and is fetched on until one waits', async () => {
    const { lane, happened, add, handled, answer } = openLane();
    add(0, 10);
    add(10, 20);
    expect(await handled(1)).toEqual(['0-10']);
    expect(happened).toEqual(['paused']);
    answer(1, 10);
    expect(await handled(2)).toEqual(['0-10', '10-20']);
    expect(happened).toEqual(['paused', 'fetched again']);
    answer(2, 20);
    await lane.done();
    expect([lane.pausedSince, lane.heldSince]).toEqual([undefined, undefined]);
  });

  it('works a batch that comes in the very moment in which the one before it ends', async () => {
    for (let steps = 0; steps < 20; steps += 1) {
      const { lane, add, handled, answer } = openLane();
      add(0, 10);
      await handled(1);
      answer(1, 10);
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      add(10, 20);
      expect(await handled(2)).toEqual(['0-10', '10-20']);
      answer(2, 20);
      await lane.done();
    }
  });

  it('brings the rest of a batch that was worked in part', async () => {
    const { lane, happened, add, handled, answer } = openLane();
    add(0, 10);
    add(10, 20);
    await handled(1);
    answer(1, 4);
    expect(await handled(2)).toEqual(['0-10', '4-10']);
    answer(2, 10);
    expect(await handled(3)).toEqual(['0-10', '4-10', '10-20']);
    answer(3, 20);
    await lane.done();
    expect(happened).toEqual(['paused', 'fetched again']);
  });

  it.each([
    ['before', 3],
    ['behind', 25],
  ])('reads from a position %s the batch, and forgets what it had fetched', async (_, position) => {
    const { lane, happened, add, handled, answer } = openLane();
    add(10, 20);
    add(20, 30);
    await handled(1);
    answer(1, position);
    await lane.done();
    expect(happened).toEqual(['paused', `seek ${position}`, 'fetched again']);
    add(position, 30);
    expect(await handled(2)).toEqual(['10-20', `${position}-30`]);
    answer(2, 30);
    await lane.done();
  });

  it('handles a batch again that failed, or that did not advance, after a pause', async () => {
    const { lane, happened, add, handled, answer, fail } = openLane();
    add(0, 10);
    await handled(1);
    fail(1);
    await handled(2);
    answer(2, 0);
    expect(await handled(3)).toEqual(['0-10', '0-10', '0-10']);
    answer(3, 10);
    await lane.done();
    expect(happened).toEqual(['0 failed: no']);
  });

  it('reports when it does not advance, and when it continues', async () => {
    const { lane, happened, add, handled, answer } = openLane();
    add(0, 10);
    await handled(1);
    await sleep(1_050);
    expect(happened).toEqual(['held']);
    expect(performance.now() - lane.heldSince!).toBeGreaterThan(1_000);
    answer(1, 10);
    await lane.done();
    expect(happened).toEqual(['held', 'goes on']);
  });

  it('works nothing more of what was fetched before a restart, or after the membership has ended', async () => {
    const { lane, membership, add, handled, answer } = openLane();
    add(0, 10);
    add(10, 20);
    await handled(1);
    lane.restart();
    add(5, 10);
    // A part only: the rest is not current.
    answer(1, 4);
    expect(await handled(2)).toEqual(['0-10', '5-10']);
    add(10, 20);
    membership.abort();
    answer(2, 7);
    await lane.done();
    expect(await handled(2)).toHaveLength(2);
  });

  it('is left out for a while when the broker refuses it, though there is room', async () => {
    const { lane, happened, membership, add, handled, answer } = openLane();
    expect([lane.sitOut(membership.signal), lane.sitOut(membership.signal)]).toEqual([true, false]);
    add(0, 10);
    await handled(1);
    answer(1, 10);
    await lane.done();
    expect(happened).toEqual(['held', 'paused']);
    membership.abort();
    while (happened.length < 4) await sleep(5);
    expect(happened).toEqual(['held', 'paused', 'goes on', 'fetched again']);
    expect(lane.sitOut(membership.signal)).toBe(true);
  });
});
