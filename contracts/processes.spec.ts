import { describe, expect, it } from '@jest/globals';
import { PROCESSES } from './processes.ts';
import { TOPICS } from './topics.ts';

const topicNames = [
  ...TOPICS.map(({ name }) => name),
  ...TOPICS.flatMap(({ deadLetters }) => deadLetters ?? []),
];

describe('processes', () => {
  it('have distinct names and distinct ports', () => {
    const processNames = PROCESSES.map(({ name }) => name);
    const ports = PROCESSES.flatMap(({ port, opsPort }) => [port ?? [], opsPort ?? []].flat());
    expect(new Set(processNames).size).toBe(processNames.length);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it.each(PROCESSES.map((process) => [process.name, process] as const))(
    '%s reads and writes only topics that are created',
    (_name, { consumes, publishes }) => {
      const unknown = [...consumes, ...publishes].map(({ name }) => name);
      expect(unknown.filter((name) => !topicNames.includes(name))).toEqual([]);
    },
  );

  it.each(PROCESSES.map((process) => [process.name, process] as const))(
    '%s may write the dead letters of what it reads',
    (_name, { consumes, publishes }) => {
      const written = publishes.map(({ name }) => name);
      expect(consumes.filter(({ deadLetters }) => !deadLetters || !written.includes(deadLetters))).toEqual(
        [],
      );
    },
  );

  it('leave no topic without a publisher', () => {
    const published = new Set(PROCESSES.flatMap(({ publishes }) => publishes.map(({ name }) => name)));
    expect(topicNames.filter((name) => !published.has(name))).toEqual([]);
  });

  it('that strangers can reach have their metrics on a port of their own', () => {
    for (const { name, runsOn, opsPort } of PROCESSES)
      expect([name, opsPort !== undefined]).toEqual([name, runsOn === 'eks']);
  });

  it('serve metrics and health where the platform cannot see inside by itself', () => {
    for (const { name, runsOn, port } of PROCESSES)
      expect([name, port !== undefined]).toEqual([name, runsOn !== 'lambda']);
  });
});
