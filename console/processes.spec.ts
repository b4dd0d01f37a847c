import { describe, expect, it } from '@jest/globals';
import { PROCESSES } from '#contracts/processes.ts';
import type { Positions } from '#runtime/kafka/positions.ts';
import { createLogger } from '#runtime/log.ts';
import { createProcessesLook } from './processes.ts';

const log = createLogger('spec', 'silent');

/** A broker with these answers; it counts how often it was asked for ends. */
function broker(answer: () => Promise<void>, members: Readonly<Record<string, number>> = {}) {
  const asked = { count: 0 };
  const positions: Positions = {
    ends: async (topics) => {
      asked.count += 1;
      await answer();
      return new Map(topics.map((topic) => [topic, [{ partition: 0, low: '0', high: '7' }]]));
    },
    committed: async (_group, topics) => new Map(topics.map((topic) => [topic, new Map([[0, 5]])])),
    members: async (groups) => {
      await answer();
      return new Map(groups.map((group) => [group, members[group] ?? 0]));
    },
    rest: async () => {},
  };
  const look = createProcessesLook({ positions, addresses: new Map(), log, freshMs: 0, brokerMsMax: 20 });
  return { look, asked };
}
const lagsOf = ({ flows }: Awaited<ReturnType<ReturnType<typeof createProcessesLook>>>) => [
  ...new Set(flows.filter(({ to }) => to).map(({ lag }) => lag)),
];

describe('a look at the platform', () => {
  it('has every process of the contract and the cloud that it runs in', async () => {
    const { processes } = await broker(async () => {}).look();
    expect(processes.map(({ name }) => name)).toEqual(PROCESSES.map(({ name }) => name));
    const clouds = new Map(processes.map(({ name, cloud }) => [name, cloud]));
    expect([clouds.get('analytics'), clouds.get('order')]).toEqual(['google-cloud', 'aws']);
  });

  it.each<[string, Readonly<Record<string, number>>, string, string]>([
    ['reads', { 'analytics-activity': 2, order: 1 }, 'reads', 'by its groups at Kafka: analytics-activity'],
    ['does not read', { order: 1 }, 'away', 'nobody reads in its groups'],
  ])('says of a worker that has no address that it %s', async (_what, members, state, words) => {
    const { processes } = await broker(async () => {}, members).look();
    expect(processes.find(({ name }) => name === 'analytics')).toMatchObject({ state, words: [words] });
    // Of a process that has an address, which nobody gave, nothing is guessed.
    expect(processes.find(({ name }) => name === 'order')).toMatchObject({ state: 'not-watched' });
  });

  it('does not guess at a worker without an address while the broker is away', async () => {
    const { processes } = await broker(() => Promise.reject(new Error('away'))).look();
    expect(processes.find(({ name }) => name === 'analytics')).toMatchObject({ state: 'not-watched' });
  });

  it('lists processes also while the broker is away, then without rates and lag', async () => {
    let isAway = true;
    const { look } = broker(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve()));
    const away = await look();
    expect([away.isBrokerThere, away.processes.length, lagsOf(away)]).toEqual([
      false,
      PROCESSES.length,
      [null],
    ]);
    isAway = false;
    const back = await look();
    expect([back.isBrokerThere, lagsOf(back)]).toEqual([true, [2]]);
  });

  it('does not wait for a broker that hangs, nor ask it again before it has answered', async () => {
    const answer = Promise.withResolvers<void>();
    const { look, asked } = broker(() => answer.promise);
    expect([(await look()).isBrokerThere, (await look()).isBrokerThere]).toEqual([false, false]);
    expect(asked.count).toBe(1);
    answer.resolve();
    await answer.promise;
    expect((await look()).isBrokerThere).toBe(true);
  });
});
