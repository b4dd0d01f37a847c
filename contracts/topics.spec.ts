import { describe, expect, it } from '@jest/globals';
import { PROCESSES } from './processes.ts';
import { productImagesProcessed, TOPICS, topicSettings } from './topics.ts';

const names = TOPICS.map(({ name }) => name);
const deadLetterNames = TOPICS.flatMap(({ deadLetters }) => deadLetters ?? []);

describe('topics', () => {
  it('have distinct names, dead letters included', () => {
    const all = [...names, ...deadLetterNames];
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([...names, ...deadLetterNames])('%s is a legal Kafka name that metrics cannot confuse', (name) => {
    // Kafka warns where a dot and an underscore meet: both become `_` in its metric names.
    expect(name).toMatch(/^[a-z0-9.-]{1,240}$/);
  });

  it.each(TOPICS.map((topic) => [topic.name, topic] as const))(
    '%s carries a versioned event',
    (_name, topic) => {
      expect(topic.event.type).toMatch(/^shop\.[a-z0-9.-]+\.v[1-9]\d*$/);
      expect(topic.key).not.toBe('');
      expect(topic.partitions).toBeGreaterThan(0);
    },
  );

  it('have dead letters exactly where a process consumes them', () => {
    const consumed = new Set(PROCESSES.flatMap(({ consumes }) => consumes.map(({ name }) => name)));
    const refusing = TOPICS.filter(({ deadLetters }) => deadLetters).map(({ name }) => name);
    expect(refusing).toEqual(names.filter((name) => consumed.has(name)));
  });

  it('keep dead letters under the name of their topic', () => {
    for (const topic of TOPICS) expect([undefined, `${topic.name}.dlq`]).toContain(topic.deadLetters);
  });

  it('that delete keep their records for a stated time', () => {
    for (const topic of TOPICS) {
      const isBounded = topic.cleanup === 'compact' || topic.retentionMs > 0;
      expect([topic.name, isBounded]).toEqual([topic.name, true]);
    }
  });
});

describe('topic settings', () => {
  const settings = topicSettings();

  it('name every topic and every dead-letter topic', () => {
    expect(settings.map(({ topic }) => topic).toSorted()).toEqual([...names, ...deadLetterNames].toSorted());
  });

  it('let the broker stamp every record, so that a wrong producer clock can be noticed', () => {
    for (const { config } of settings) expect(config['message.timestamp.type']).toBe('LogAppendTime');
  });

  it('leave a dead letter room for the largest record and our headers', () => {
    const [topic, dead] = topicSettings([productImagesProcessed]);
    const room = Number(dead?.config['max.message.bytes']) - Number(topic?.config['max.message.bytes']);
    expect(room).toBeGreaterThanOrEqual(16_384);
  });

  it('give a compacted topic no retention that would delete its last values', () => {
    for (const { config } of settings) {
      if (config['cleanup.policy'] === 'compact') expect(config).not.toHaveProperty('retention.ms');
      else expect(Number(config['retention.ms'])).toBeGreaterThan(0);
    }
  });
});
