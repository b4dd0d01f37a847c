import { expect, describe as group, it } from '@jest/globals';
import { describe, type Findings, missingOf } from './prerequisites.ts';

const ALL: Findings = { java: 17, hasMaven: true, hasKafkaJars: false, hasEmulator: true, hasPostgres: true };
const NOTHING: Findings = {
  java: undefined,
  hasMaven: false,
  hasKafkaJars: false,
  hasEmulator: false,
  hasPostgres: false,
  postgresUserFault: 'Postgres cannot run as root',
};
const ELSEWHERE = {
  KAFKA_BROKERS: 'kafka:9092',
  FIRESTORE_EMULATOR_HOST: 'firestore:8080',
  DATABASE_URL: 'postgres://postgres:5432/shop',
};
const namesOf = (found: Findings, env: NodeJS.ProcessEnv = {}) =>
  missingOf(found, env).map(({ what }) => what);

group('prerequisites', () => {
  it('lack nothing on a machine that has everything', () => {
    expect(namesOf(ALL)).toEqual([]);
  });

  it('name all that is missing at once', () => {
    expect(namesOf(NOTHING)).toEqual([
      'Java 17 or later',
      'Maven',
      'the Firestore emulator',
      'the Postgres programs',
      'a user for Postgres',
    ]);
  });

  it('refuse a Java that is too old, and tell which was found', () => {
    const [missing] = missingOf({ ...ALL, java: 11 }, {});
    expect(missing?.why).toContain('found: Java 11');
  });

  it('ask for Maven only while the jars of Kafka are not there', () => {
    expect(namesOf({ ...ALL, hasMaven: false })).toEqual(['Maven']);
    expect(namesOf({ ...ALL, hasMaven: false, hasKafkaJars: true })).toEqual([]);
  });

  it('ask for nothing that an address in the environment replaces', () => {
    expect(namesOf(NOTHING, ELSEWHERE)).toEqual([]);
    expect(namesOf(NOTHING, { ...ELSEWHERE, FIRESTORE_EMULATOR_HOST: '' })).toEqual([
      'Java 17 or later',
      'the Firestore emulator',
    ]);
  });

  it('name the file that FIRESTORE_EMULATOR_JAR promises in vain', () => {
    const [missing] = missingOf({ ...ALL, hasEmulator: false }, { FIRESTORE_EMULATOR_JAR: '/nowhere.jar' });
    expect(missing?.why).toContain('/nowhere.jar');
  });

  it('come with a way to get each', () => {
    const text = describe(missingOf(NOTHING, {}));
    for (const way of [
      'apt-get install openjdk-17',
      'apt-get install maven',
      'setup:emulators:firestore',
      'npm ci',
    ])
      expect(text).toContain(way);
  });
});
