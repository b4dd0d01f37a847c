import { describe, expect, it } from '@jest/globals';
import { orderPlaced, stockReserved } from '#contracts/shop-topics.ts';
import type { ReplayOptions, WaitingLetter } from '#runtime/kafka/dead-letter-replay.ts';
import { createLogger } from '#runtime/log.ts';
import { createReplays } from './replays.ts';

const log = createLogger('spec', 'silent');
const client = undefined as unknown as ReplayOptions['client'];
const letter = {} as WaitingLetter;

/** Replays that a spec lets continue, step by step. */
function stepped() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const seen: ReplayOptions[] = [];
  const replays = createReplays(client, log, (options) => {
    seen.push(options);
    return promise;
  });
  return { replays, seen, resolve, reject };
}

describe('a replay', () => {
  it('is that of the topic which is named, not its list, and says how far it is', async () => {
    const { replays, seen, resolve } = stepped();
    expect(replays.latest()).toBeUndefined();
    const { ended } = replays.start(orderPlaced);
    expect(seen).toMatchObject([{ topic: orderPlaced, isList: false }]);
    seen[0]!.onLetter(letter, 'replayed');
    seen[0]!.onLetter(letter, 'left');
    expect(replays.latest()).toMatchObject({ topic: 'order.placed', replayed: 1, left: 1, hasFailed: false });
    expect(replays.latest()).not.toHaveProperty('endedAt');
    resolve();
    await ended;
    expect(replays.latest()).toMatchObject({
      replayed: 1,
      left: 1,
      endedAt: expect.any(String),
      hasFailed: false,
    });
  });

  it('is refused while another runs, and begins when that one has ended', async () => {
    const { replays, seen, resolve } = stepped();
    const { ended } = replays.start(orderPlaced);
    expect(() => replays.start(stockReserved)).toThrow(expect.objectContaining({ status: 409 }));
    resolve();
    await ended;
    await replays.start(stockReserved).ended;
    expect(seen.map(({ topic }) => topic.name)).toEqual(['order.placed', 'stock.reserved']);
  });

  it('that fails says so, keeps what it has done, and can be begun again', async () => {
    const { replays, seen, reject } = stepped();
    const { ended } = replays.start(orderPlaced);
    seen[0]!.onLetter(letter, 'replayed');
    reject(new Error('broker away'));
    await ended;
    expect(replays.latest()).toMatchObject({ hasFailed: true, replayed: 1, endedAt: expect.any(String) });
    expect(() => replays.start(orderPlaced)).not.toThrow();
  });
});
