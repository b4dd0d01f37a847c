import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bringPrometheus, findPrometheus } from './programs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prometheus-programs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A folder with programs that print a version. */
function programs(name: string, version: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const program of ['prometheus', 'promtool']) {
    writeFileSync(join(path, program), `#!/bin/sh\necho '${program}, version ${version} (branch: HEAD)'\n`);
    chmodSync(join(path, program), 0o755);
  }
  return path;
}

/** Only what a spec puts there. */
const search = (env: NodeJS.ProcessEnv) => ({ env, folder: join(folder, 'cache') });

describe('the programs of Prometheus', () => {
  it('are those of PROMETHEUS_HOME before those of the PATH, and those of the PATH before what was fetched', () => {
    programs('cache/usr/bin', '2.42.0+ds');
    const fetched = findPrometheus(search({ PATH: folder }));
    expect(fetched).toMatchObject({
      version: '2.42.0',
      prometheus: join(folder, 'cache/usr/bin/prometheus'),
    });
    const PATH = `${folder}:${programs('path', '2.55.1')}`;
    expect(findPrometheus(search({ PATH }))).toMatchObject({ version: '2.55.1' });
    const PROMETHEUS_HOME = programs('home', '3.8.0');
    expect(findPrometheus(search({ PATH, PROMETHEUS_HOME }))).toMatchObject({ version: '3.8.0' });
  });

  it('on the PATH are passed over for what was fetched when they are too old', () => {
    programs('cache/usr/bin', '2.42.0');
    expect(findPrometheus(search({ PATH: programs('path', '2.24.1') }))).toMatchObject({ version: '2.42.0' });
  });

  it.each([
    ['too old', '2.41.9', /is 2\.41\.9, and 2\.42 or later is needed/],
    ['of an old major version', '1.99.0', /1\.99\.0/],
    ['something else', 'unknown', /does not tell its version/],
  ])('that are named and %s are not passed over', (_how, version, message) => {
    expect(() => findPrometheus(search({ PROMETHEUS_HOME: programs('home', version) }))).toThrow(message);
    expect(() => findPrometheus(search({ PROMETHEUS_HOME: join(folder, 'nowhere') }))).toThrow('nowhere');
  });

  it.each([
    ['nothing may be fetched', true, { PATH: process.env.PATH }],
    ['apt-get and dpkg-deb would fetch it, and is not here', false, { PATH: '' }],
  ])('that are nowhere are named with the reason: %s', async (reason, isOffline, env) => {
    // The machine's own, should it have one, must not be found.
    const PATH = env.PATH && folder;
    const attempt = bringPrometheus(() => {}, isOffline, search({ PATH }));
    await expect(attempt).rejects.toMatchObject({ code: 'prometheus-missing' });
    await expect(attempt).rejects.toThrow(reason);
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });
});
