import { expect, describe as group, it } from '@jest/globals';
import { describe, type Findings, missingOf } from './prerequisites.ts';

const ALL: Findings = { hasPostgres: true, needs: [] };
const NOTHING: Findings = {
  hasPostgres: false,
  postgresUserFault: 'Postgres cannot run as root',
  needs: [
    { what: 'Java', missing: () => 'nowhere', handOver: 'JAVA_HOME names one' },
    { what: 'jars', missing: () => undefined, handOver: 'KAFKA_BROKERS names a broker' },
  ],
};
const namesOf = (found: Findings, env: NodeJS.ProcessEnv = {}) =>
  missingOf(found, env).map(({ what }) => what);

group('prerequisites', () => {
  it('lack nothing on a machine that has everything', () => {
    expect(namesOf(ALL)).toEqual([]);
  });

  it('name all that is missing at once, and nothing that is there', () => {
    expect(namesOf(NOTHING)).toEqual(['Java', 'the Postgres programs', 'a user for Postgres']);
  });

  it('ask for no Postgres where the environment names one', () => {
    expect(namesOf(NOTHING, { DATABASE_URL: 'postgres://postgres:5432/shop' })).toEqual(['Java']);
  });

  it('come with a way to get each', () => {
    const text = describe(missingOf(NOTHING, {}), true);
    for (const way of ['JAVA_HOME names one', 'npm ci', 'DATABASE_URL', 'without --offline'])
      expect(text).toContain(way);
  });
});
