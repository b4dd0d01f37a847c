import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { digestOf, directDependencies, kafkaVersion, POM_FILE, readJarsLock } from './jars-lock.ts';

const pom = readFileSync(POM_FILE, 'utf8');
const lock = readJarsLock();
const coordinates = lock.jars.map((jar) => jar.coordinates);

describe('the list of jars', () => {
  it('was made from this pom.xml', () => {
    expect({ pom: lock.pom, fix: 'npm run lock:kafka' }).toEqual({
      pom: digestOf(pom),
      fix: 'npm run lock:kafka',
    });
  });

  it('holds what the pom names, in its versions', () => {
    const named = directDependencies(pom);
    expect(named).toEqual([
      `org.apache.kafka:kafka_2.13:${kafkaVersion(lock)}`,
      expect.stringMatching(/^org\.apache\.logging\.log4j:log4j-slf4j-impl:\d/),
    ]);
    expect(coordinates).toEqual(expect.arrayContaining(named));
  });

  it('names each jar once, with a checksum and a size', () => {
    const names = coordinates.map((one) => one.split(':').slice(0, 2).join(':'));
    expect(new Set(names).size).toBe(names.length);
    for (const { coordinates: one, sha256, bytes } of lock.jars) {
      expect(one).toMatch(/^[\w.-]+:[\w.-]+:[\w.-]+$/);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(bytes).toBeGreaterThan(1_000);
    }
  });

  it("has all of Kafka's own jars in one version", () => {
    const ofKafka = coordinates.filter((one) => one.startsWith('org.apache.kafka:'));
    expect(ofKafka.length).toBeGreaterThan(10);
    expect(new Set(ofKafka.map((one) => one.split(':')[2]))).toEqual(new Set([kafkaVersion(lock)]));
  });
});
