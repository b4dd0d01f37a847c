import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileNameOf, mavenRepository, pathOf } from './repository.ts';
import { readMavenSettings } from './settings.ts';

const JAR = 'org.apache.kafka:kafka_2.13:4.1.2';
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'maven-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const mirror = (id: string, of: string, more = '') =>
  `<mirror><id>${id}</id><mirrorOf>${of}</mirrorOf><url>http://${id}.test/maven/</url>${more}</mirror>`;
async function write(path: string, body: string): Promise<void> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    file,
    `<?xml version="1.0"?><settings><!-- ${mirror('comment', '*')} -->${body}</settings>`,
  );
}
/** Of a machine without Maven, but for what the spec has written. */
const settings = (env: NodeJS.ProcessEnv = {}) => readMavenSettings({ PATH: '', ...env }, home);
const writeMirrors = (...mirrors: string[]) =>
  write('.m2/settings.xml', `<mirrors>${mirrors.join('')}</mirrors>`);

describe('Maven settings', () => {
  it.each([
    ['*', true],
    ['central', true],
    ['external:*', true],
    ['snapshots, central', true],
    ['*,!central', false],
    ['snapshots', false],
    ['external:http:*', false],
  ])('with a mirror of %s stand in for the central repository: %s', async (of, does) => {
    await writeMirrors(mirror('ours', of));
    expect(settings().mirror?.url).toBe(does ? 'http://ours.test/maven/' : undefined);
  });

  it('give the first mirror that fits and is not blocked', async () => {
    await writeMirrors(mirror('no', '*', '<blocked>true</blocked>'), mirror('a', '*'), mirror('b', '*'));
    expect(settings().mirror).toMatchObject({ id: 'a', file: join(home, '.m2/settings.xml') });
  });

  it("are a user's before those of Maven's installation", async () => {
    await write('maven/conf/settings.xml', `<mirrors>${mirror('machine', '*')}</mirrors>`);
    const env = { MAVEN_HOME: join(home, 'maven') };
    expect(settings(env).mirror?.id).toBe('machine');
    await writeMirrors(mirror('user', '*'));
    expect(settings(env).mirror?.id).toBe('user');
  });

  it('name the local repository, with their variables filled in', async () => {
    expect(settings().localRepository).toBe(join(home, '.m2/repository'));
    await write('.m2/settings.xml', '<localRepository>${env.CACHE}/maven</localRepository>');
    expect(settings({ CACHE: '/cache' }).localRepository).toBe('/cache/maven');
    await write('.m2/settings.xml', '<localRepository>${user.home}/jars</localRepository>');
    expect(settings().localRepository).toBe(join(home, 'jars'));
  });
});

describe('a jar', () => {
  it('is at the path that every Maven repository has', () => {
    expect(pathOf(JAR)).toBe('org/apache/kafka/kafka_2.13/4.1.2/kafka_2.13-4.1.2.jar');
    expect(fileNameOf(JAR)).toBe('kafka_2.13-4.1.2.jar');
  });

  it('comes from MAVEN_REPOSITORY, else from the mirror in the settings, else from where a library looks', async () => {
    const central = mavenRepository({ PATH: '' }, home);
    expect(await central.addressOf(JAR)).toMatch(/^https:\/\/[^/]+\/maven2\/org\/apache\/kafka\/.*\.jar$/);
    expect(central.origin.owner).toBe("Maven's central repository");

    await writeMirrors(mirror('ours', '*'));
    const mirrored = mavenRepository({ PATH: '' }, home);
    expect(await mirrored.addressOf(JAR)).toBe(`http://ours.test/maven/${pathOf(JAR)}`);
    expect(mirrored.origin.owner).toContain('settings.xml (mirror ours)');

    const named = mavenRepository({ PATH: '', MAVEN_REPOSITORY: 'https://jars.test/repo' }, home);
    expect(await named.addressOf(JAR)).toBe(`https://jars.test/repo/${pathOf(JAR)}`);
    expect(named.origin.owner).toBe('the Maven repository named by MAVEN_REPOSITORY');
  });
});
