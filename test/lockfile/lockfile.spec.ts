import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { complete, missingEntries, platformEntry } from './platform-entries.ts';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const lockfile = read('package-lock.json');

describe('the lockfile', () => {
  it('names every package that a package asks for, on every platform: else npm ci refuses it', () => {
    const missing = missingEntries(lockfile.packages).map(({ name, version }) => `${name}@${version}`);
    expect({ missing, fix: 'npm run lockfile' }).toEqual({ missing: [], fix: 'npm run lockfile' });
  });

  it('asks for what package.json asks for, by exact versions', () => {
    const { dependencies, devDependencies } = read('package.json');
    const root = lockfile.packages[''];
    expect([root.dependencies, root.devDependencies]).toEqual([dependencies, devDependencies]);
    const ranges = Object.values({ ...dependencies, ...devDependencies }).filter(
      (one) => !/^(npm:[\w@/-]+@)?\d/.test(String(one)),
    );
    expect(ranges).toEqual([]);
  });

  it('holds no download address, so that it is good on every mirror', () => {
    const addresses = Object.values<{ resolved?: string }>(lockfile.packages).filter(
      ({ resolved }) => resolved,
    );
    expect(addresses).toEqual([]);
  });
});

describe('a package that the lockfile does not name', () => {
  const packages = {
    '': { dependencies: { tool: '1.0.0' } },
    'node_modules/tool': {
      version: '1.0.0',
      dev: true,
      dependencies: { plain: '^2.0.0' },
      optionalDependencies: { '@tool/linux-x64-gnu': '1.0.0', '@tool/darwin-arm64': '1.0.0' },
    },
    'node_modules/tool/node_modules/@tool/linux-x64-gnu': { version: '1.0.0' },
  };

  it('is found, wherever Node would not find it', () => {
    expect(missingEntries(packages).map(({ name }) => name)).toEqual(['plain', '@tool/darwin-arm64']);
  });

  it("is added when it is a platform's, and stays missing when it is not", () => {
    const completed = complete(packages);
    expect(completed['node_modules/@tool/darwin-arm64']).toEqual({
      version: '1.0.0',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['darwin'],
    });
    expect(missingEntries(completed).map(({ name }) => name)).toEqual(['plain']);
  });

  it.each([
    ['@swc/core-linux-arm-gnueabihf', 'linux', 'arm', 'glibc'],
    ['@oxlint/binding-linux-riscv64-musl', 'linux', 'riscv64', 'musl'],
    ['@oxlint/binding-android-arm-eabi', 'android', 'arm', undefined],
    ['@oxlint-tsgolint/win32-x64', 'win32', 'x64', undefined],
    ['@oxlint/binding-win32-ia32-msvc', 'win32', 'ia32', undefined],
  ])('%s is for %s on %s', (name, os, cpu, libc) => {
    const entry = platformEntry({ from: '', name, version: '1.2.3' }, false);
    expect([entry?.os, entry?.cpu, entry?.libc]).toEqual([[os], [cpu], libc ? [libc] : undefined]);
  });

  it("is no platform's when its name or version does not say so", () => {
    expect(platformEntry({ from: '', name: 'left-pad', version: '1.0.0' }, false)).toBeUndefined();
    expect(platformEntry({ from: '', name: '@tool/linux-x64', version: '^1.0.0' }, false)).toBeUndefined();
  });
});
