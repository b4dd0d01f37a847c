import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dealPartitions, type GroupMember } from './assigner.ts';

const partitions = (counts: Readonly<Record<string, number>>) =>
  new Map(
    Object.entries(counts).map(([topic, count]) => [topic, Array.from({ length: count }, (_, n) => n)]),
  );
const plain = (dealt: ReturnType<typeof dealPartitions>) =>
  Object.fromEntries([...dealt].map(([id, assignment]) => [id, { ...assignment }]));

describe('dealing partitions', () => {
  it('shares the partitions of a topic evenly', () => {
    const members = ['b', 'a'].map((id) => ({ id, topics: ['orders'] }));
    expect(plain(dealPartitions(members, partitions({ orders: 5 })))).toEqual({
      a: { orders: [0, 2, 4] },
      b: { orders: [1, 3] },
    });
  });

  it('gives a topic only to members that read it', () => {
    const old = { id: 'old', topics: ['orders'] };
    const fresh = { id: 'new', topics: ['orders', 'stock'] };
    expect(plain(dealPartitions([old, fresh], partitions({ orders: 2, stock: 2 })))).toEqual({
      new: { orders: [0], stock: [0, 1] },
      old: { orders: [1] },
    });
  });

  it('evens the topics out: who has got one more of a topic gets one less of the next', () => {
    const members = ['a', 'b'].map((id) => ({ id, topics: ['one', 'two'] }));
    const dealt = plain(dealPartitions(members, partitions({ one: 3, two: 3 })));
    expect(dealt).toEqual({ a: { one: [0, 2], two: [1] }, b: { one: [1], two: [0, 2] } });
  });

  it('knows topics that are named as parts of every object', () => {
    const members = [{ id: 'a', topics: ['constructor', '__proto__'] }];
    const dealt = dealPartitions(
      members,
      new Map([
        ['constructor', [0]],
        ['__proto__', [0, 1]],
      ]),
    ).get('a')!;
    expect(Object.entries(dealt)).toEqual([
      ['__proto__', [0, 1]],
      ['constructor', [0]],
    ]);
  });
});

describe('whatever members and topics there are', () => {
  const topicNames = ['a', 'b', 'c', 'd'];
  const member = (id: string) => fc.subarray(topicNames).map((topics): GroupMember => ({ id, topics }));
  const members = fc
    .uniqueArray(fc.string({ minLength: 1 }), { maxLength: 7 })
    .chain((ids) => fc.tuple(...ids.map(member)));
  const counts = fc.record(Object.fromEntries(topicNames.map((topic) => [topic, fc.nat(9)])));

  it('each partition of a topic that is read has one reader, which reads its topic', () => {
    fc.assert(
      fc.property(members, counts, (group, ofTopics) => {
        const dealt = dealPartitions(group, partitions(ofTopics));
        for (const topic of topicNames) {
          const readers = group.filter(({ topics }) => topics.includes(topic)).map(({ id }) => id);
          const given = [...dealt].flatMap(([id, assignment]) =>
            (assignment[topic] ?? []).map((n) => [n, id] as const),
          );
          const numbers = given.map(([n]) => n).toSorted((x, y) => x - y);
          expect(numbers).toEqual(readers.length > 0 ? partitions(ofTopics).get(topic) : []);
          for (const [, id] of given) expect(readers).toContain(id);
        }
      }),
    );
  });

  it('no two readers of a topic differ by more than one partition of it', () => {
    fc.assert(
      fc.property(members, counts, (group, ofTopics) => {
        const dealt = dealPartitions(group, partitions(ofTopics));
        for (const topic of topicNames) {
          const held = group
            .filter(({ topics }) => topics.includes(topic))
            .map(({ id }) => dealt.get(id)?.[topic]?.length ?? 0);
          if (held.length > 0) expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('the order in which the members come changes nothing', () => {
    fc.assert(
      fc.property(members, counts, (group, ofTopics) => {
        const turned = dealPartitions(group.toReversed(), partitions(ofTopics));
        expect(plain(turned)).toEqual(plain(dealPartitions(group, partitions(ofTopics))));
      }),
    );
  });
});
