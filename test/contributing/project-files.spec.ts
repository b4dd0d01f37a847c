// What people look for who pick a project up: is it there, and does it say what is so? The dev container was also held against its own
// schema by hand on 2026-11-29: devContainer.base.schema.json of devcontainers/spec at c95ffee finds no fault in it.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#runtime/config.ts';
import { launcherConfig } from '../../local/launcher/settings.ts';
import { changelogFaults } from './changelog.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const manifest = JSON.parse(read('package.json'));

describe('the licence', () => {
  it('is the text of Apache 2.0, to the byte', () => {
    // As apache.org/licenses/LICENSE-2.0.txt and Debian's common-licenses have it.
    expect(hash('sha256', read('LICENSE'))).toBe(
      'cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30',
    );
  });

  it('is the one that package.json and the README name', () => {
    expect(manifest.license).toBe('Apache-2.0');
    expect(read('README.md')).toContain('[Apache-2.0](LICENSE)');
  });
});

describe('the README', () => {
  it.each(['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE'])('leads to %s', (page) => {
    expect(read('README.md')).toContain(`](${page})`);
  });
});

describe('the dev container', () => {
  const container = JSON.parse(read('.devcontainer/devcontainer.json').replace(/^\s*\/\/.*$/gm, ''));
  const recipe = read('.devcontainer/Dockerfile');
  const baseIn = (text: string): string | undefined => /^FROM (node:\S+)/m.exec(text)?.[1];

  it('is on the very base of the images, which has the Node that the project runs', () => {
    expect(baseIn(recipe)).toBe(baseIn(read('k8s/images/Dockerfile')));
    expect(baseIn(recipe)).toMatch(
      new RegExp(`^node:${manifest.devDependencies.node}-\\S+@sha256:[0-9a-f]{64}$`),
    );
  });

  it('is used by a user who is not root: Postgres refuses to run as root', () => {
    expect(container.remoteUser).toBe('node');
    expect(recipe).toMatch(/^USER node$/m);
  });

  it('installs what the lockfile says, and shows the ports of npm start', () => {
    expect(container.postCreateCommand).toBe('npm ci');
    const shown = [
      'STOREFRONT_PORT',
      'NOTIFICATION_PORT',
      'LOCAL_TRACES_PORT',
      'LOCAL_S3_PORT',
      'LOCAL_PROMETHEUS_PORT',
    ];
    const ports = new Map(Object.entries(loadConfig(launcherConfig, {})));
    expect(container.forwardPorts).toEqual(shown.map((name) => ports.get(name)));
    expect(Object.keys(container.portsAttributes)).toEqual(container.forwardPorts.map(String));
  });
});

describe('the changelog', () => {
  it('has the form of Keep a Changelog', () => {
    expect(changelogFaults(read('CHANGELOG.md'), manifest.version)).toEqual([]);
  });

  const released = '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-11-29\n\n### Added\n\n- One.\n';
  it('may have a release', () => {
    expect(changelogFaults(released, '0.1.0')).toEqual([]);
  });

  it.each([
    ['a heading of no kind', '### Added', '### New', 'New is no kind of change'],
    ['a kind of change twice', '- One.', '- One.\n\n### Added\n\n- Two.', '[0.1.0] has Added twice'],
    ['a kind of change without one', '- One.\n', '', 'Added of [0.1.0] is empty'],
    ['a release without its day', ' - 2026-11-29', '', '[0.1.0] is no release with its day'],
    ['no place for what comes', '## [Unreleased]\n\n', '', 'does not begin with [Unreleased]'],
    [
      'an older release first',
      '## [0.1.0]',
      '## [0.0.9] - 2026-11-30\n\n## [0.1.0]',
      '[0.1.0] stands below an older one',
    ],
    [
      'a release beyond package.json',
      '[0.1.0] -',
      '[0.2.0] -',
      'the newest release is 0.2.0, and package.json says 0.1.0',
    ],
  ])('negative control: %s is reported', (_what, from, to, fault) => {
    expect(changelogFaults(released.replace(from, to), '0.1.0')).toContain(fault);
  });
});
