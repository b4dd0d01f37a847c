import { describe, expect, it } from '@jest/globals';
import { TOPICS, topicSettings } from '#contracts/topics.ts';
import { planTopics } from './plan.ts';

const wanted = {
  topic: 'orders',
  partitions: 3,
  config: { 'cleanup.policy': 'delete', 'retention.ms': '1000' },
};

describe('the plan for the topics of a cluster', () => {
  it('makes those that are missing, as the contract says', () => {
    expect(planTopics([wanted], [])).toEqual({ create: [wanted], change: [], unchanged: [], refusals: [] });
  });

  it('leaves alone those that are as the contract says', () => {
    expect(planTopics([wanted], [wanted])).toEqual({
      create: [],
      change: [],
      unchanged: ['orders'],
      refusals: [],
    });
  });

  it('adds partitions where the contract has more, and then names no settings', () => {
    expect(planTopics([wanted], [{ ...wanted, partitions: 2 }]).change).toEqual([
      { topic: 'orders', partitions: 3 },
    ]);
  });

  it('refuses to take partitions away, even when more differs', () => {
    const plan = planTopics([wanted], [{ ...wanted, partitions: 6, config: {} }]);
    expect(plan.change).toEqual([]);
    expect(plan.refusals).toEqual([expect.stringContaining('orders has 6 partitions')]);
  });

  it('sets what differs or is missing, and keeps settings that the contract does not name', () => {
    const found = { ...wanted, config: { 'retention.ms': '5', 'segment.bytes': '1048576' } };
    expect(planTopics([wanted], [found]).change).toEqual([
      { topic: 'orders', config: { ...wanted.config, 'segment.bytes': '1048576' } },
    ]);
  });

  it('never touches a topic that no contract names', () => {
    const plan = planTopics([wanted], [wanted, { topic: '__consumer_offsets', partitions: 50, config: {} }]);
    expect([plan.create, plan.change, plan.refusals]).toEqual([[], [], []]);
  });

  it('has nothing to do on a cluster that was made from the same contracts', () => {
    const settings = topicSettings(TOPICS);
    expect(planTopics(settings, settings).unchanged).toEqual(settings.map(({ topic }) => topic));
  });
});
