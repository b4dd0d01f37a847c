import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { create } from 'tar';
import { type Mirror, startMirror } from '../../test/mirror/mirror.ts';
import { installedJava } from './installed-java.ts';
import { fetchJava, findJava, type JavaSearch } from './java.ts';
import { JAVA_REMEDY, type JavaRuntime } from './java-runtime.ts';
import { temurin, temurinArchive } from './temurin.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'java-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that says so. */
async function javaAt(path: string, version: string): Promise<string> {
  const program = join(folder, path);
  await mkdir(dirname(program), { recursive: true });
  await writeFile(program, `#!/bin/sh\necho 'openjdk version "${version}" 2026-01-20' >&2\n`);
  await chmod(program, 0o755);
  return program;
}

describe('an installed Java', () => {
  it('is that of JAVA_HOME before that of the PATH', async () => {
    const home = await javaAt('home/bin/java', '21.0.2');
    const path = await javaAt('path/java', '17.0.15');
    const PATH = [join(folder, 'empty'), dirname(path)].join(':');
    expect(installedJava({ JAVA_HOME: join(folder, 'home'), PATH })).toBe(home);
    expect(installedJava({ JAVA_HOME: join(folder, 'nowhere'), PATH })).toBe(path);
    expect(installedJava({ PATH })).toBe(path);
  });

  it('does not count when it is older than 17, or does not run', async () => {
    const old = dirname(await javaAt('old/java', '1.8.0_402'));
    const older = dirname(await javaAt('older/java', '11.0.2'));
    const broken = await javaAt('broken/java', '');
    await writeFile(broken, '#!/bin/sh\nexit 1\n');
    const good = await javaAt('good/java', '25');
    expect(installedJava({ PATH: [old, older, dirname(broken)].join(':') })).toBeUndefined();
    expect(installedJava({ PATH: [old, dirname(broken), dirname(good)].join(':') })).toBe(good);
  });
});

describe('a Java that is fetched', () => {
  let mirror: Mirror;
  let lines: string[];
  beforeEach(async () => {
    lines = [];
    // Laid out as Temurin's archive is.
    const inside = process.platform === 'darwin' ? 'Contents/Home/bin/java' : 'bin/java';
    await javaAt(`packed/jdk-25-jre/${inside}`, '25.0.4');
    const archive = join(folder, 'archive.tar.gz');
    await create({ file: archive, gzip: true, cwd: join(folder, 'packed') }, ['jdk-25-jre']);
    mirror = await startMirror(await readFile(archive));
  });
  afterEach(() => mirror.close());

  const second: JavaRuntime = {
    name: 'the second way',
    folderName: 'second',
    program: 'runtime/bin/java',
    fetch: async (at) => {
      await mkdir(at, { recursive: true });
      await cp(join(folder, 'packed/jdk-25-jre'), join(at, 'runtime'), { recursive: true });
    },
  };
  const search = (...runtimes: (JavaRuntime | undefined)[]) => ({
    env: { PATH: '' },
    folder: join(folder, 'cache'),
    runtimes: runtimes.filter((one) => one !== undefined),
  });
  const fetch = (given: JavaSearch) => fetchJava((line) => lines.push(line), given);

  it('is unpacked, tried, and found the next time', async () => {
    const given = search(temurin(mirror.file));
    expect(findJava(given)).toBeUndefined();
    const program = await fetch(given);
    expect(lines.at(-1)).toMatch(/^Java 25 is Eclipse Temurin/);
    expect(findJava(given)).toBe(program);
    expect(await fetch(given)).toBe(program);
    expect(mirror.requests).toEqual(['GET /runtime.bin']);
    expect(await readdir(dirname(dirname(dirname(program))))).toEqual(['runtime']);
  });

  it('comes another way where a server was not reached, and says so', async () => {
    await mirror.close();
    const program = await fetch(search(temurin(mirror.file), second));
    expect(program).toContain('/second/');
    expect(lines.join()).toContain('the connection was refused; trying another way');
  });

  it('does not come another way where a server sent something else: that is for a person to see', async () => {
    mirror.conduct.isForged = true;
    await expect(fetch(search(temurin(mirror.file), second))).rejects.toMatchObject({
      code: 'checksum-wrong',
    });
    expect(findJava(search(temurin(mirror.file), second))).toBeUndefined();
  });

  it('is reported missing in one sentence when there is no way to get one', async () => {
    mirror.conduct.status = 404;
    const fault = fetch(search(temurin({ ...mirror.file, origin: { owner: 'A', remedy: JAVA_REMEDY } })));
    await expect(fault).rejects.toThrow(
      /^There is no Java 17 or later, and runtime\.bin could not be fetched from A \([^)]+\): the server answered HTTP 404; TEMURIN_MIRROR names another server, JAVA_HOME a Java 17 or later of yours$/,
    );
  });

  it('is not kept when it does not run here', async () => {
    const broken = { ...second, program: 'runtime/bin/nothing' };
    await expect(fetch(search(broken))).rejects.toMatchObject({ code: 'java-broken' });
    expect(findJava(search(second))).toBeUndefined();
  });
});

describe("Temurin's archive", () => {
  it.each(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'])('for %s has a checksum', (system) => {
    const archive = temurinArchive(system, {});
    expect(archive?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(archive?.url).toContain(`/jdk-25.0.4%2B7/${archive?.name}`);
  });

  it('comes from TEMURIN_MIRROR where that is set', () => {
    const archive = temurinArchive('linux-x64', { TEMURIN_MIRROR: 'http://127.0.0.1:9/jre/' });
    expect(archive?.url).toBe(`http://127.0.0.1:9/jre/jdk-25.0.4%2B7/${archive?.name}`);
    expect(archive?.origin.owner).toContain('TEMURIN_MIRROR');
  });

  it('has no pinned download for an unknown system', () => {
    expect(temurinArchive('win32-x64', {})).toBeUndefined();
  });
});
