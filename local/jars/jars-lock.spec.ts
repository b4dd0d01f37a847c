import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { FLINK_CONNECTORS, FLINK_JARS, JAR_SETS, KAFKA_JARS } from './jar-sets.ts';
import { digestOf, directDependencies, readJarsLock, versionOf } from './jars-lock.ts';

const pomOf = ({ pomFile }: { readonly pomFile: string }): string => readFileSync(pomFile, 'utf8');

describe.each(JAR_SETS)('the list of jars of $name', (set) => {
  const lock = readJarsLock(set);
  const coordinates = lock.jars.map((jar) => jar.coordinates);

  it('was made from this pom.xml', () => {
    const fix = `npm run lock:${set.name}`;
    expect({ pom: lock.pom, fix }).toEqual({ pom: digestOf(pomOf(set)), fix });
  });

  it('holds what the pom names, in its versions', () => {
    expect(coordinates).toEqual(expect.arrayContaining(directDependencies(pomOf(set))));
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

  it('knows the version of the program', () => {
    expect(versionOf(set, lock)).toMatch(/^\d+\.\d+\.\d+(-\d+\.\d+)?$/);
  });
});

const named = (set: typeof KAFKA_JARS, group: string): string[] =>
  readJarsLock(set)
    .jars.map(({ coordinates }) => coordinates)
    .filter((one) => one.startsWith(`${group}:`));

describe('the jars of one program', () => {
  it("are all of Kafka's own in one version", () => {
    const ofKafka = named(KAFKA_JARS, 'org.apache.kafka');
    expect(ofKafka.length).toBeGreaterThan(10);
    expect(new Set(ofKafka.map((one) => one.split(':')[2]))).toEqual(
      new Set([versionOf(KAFKA_JARS, readJarsLock(KAFKA_JARS))]),
    );
  });

  it('are on Dataproc those that were tried on this machine', () => {
    const tried = new Set(readJarsLock(FLINK_JARS).jars.map(({ coordinates }) => coordinates));
    const brought = ['org.apache.flink', 'org.apache.kafka', 'org.postgresql'].flatMap((group) =>
      named(FLINK_CONNECTORS, group),
    );
    expect(brought.length).toBeGreaterThan(3);
    expect(brought.filter((one) => !tried.has(one))).toEqual([]);
    // The image has Flink itself: a second one beside it would not know the first.
    expect(brought.filter((one) => /flink-(runtime|core|streaming|table|clients)/.test(one))).toEqual([]);
  });

  it("are all of Flink's own in one version, but for connectors and what it shades", () => {
    const ofFlink = named(FLINK_JARS, 'org.apache.flink').filter(
      (one) => !/flink-(connector-(kafka|jdbc)|shaded)/.test(one),
    );
    expect(ofFlink.length).toBeGreaterThan(10);
    expect(new Set(ofFlink.map((one) => one.split(':')[2]))).toEqual(
      new Set([versionOf(FLINK_JARS, readJarsLock(FLINK_JARS))]),
    );
  });
});
