// The recipes together: a base is renewed in all of them at once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Images of others that a recipe begins with, with their digests, by their names. */
const basesOf = (recipe: string): Map<string, string> =>
  new Map(
    [...recipe.matchAll(/^FROM (?:--\S+ )?([^\s:$]+):(\S+)/gm)].map(([, name = '', version = '']) => [
      name,
      version,
    ]),
  );
const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

/** Bases of the second that the first has in another version. */
const others = (one: string, other: string): string[] =>
  [...basesOf(other)].flatMap(([name, version]) => {
    const here = basesOf(one).get(name);
    return here === undefined || here === version ? [] : [name];
  });

describe('the recipes of images', () => {
  const [all, flink] = [read('Dockerfile'), read('flink.Dockerfile')];

  it('begin with the same bases, by digest', () => {
    expect([...basesOf(flink).keys()].filter((name) => basesOf(all).has(name))).toHaveLength(2);
    expect(others(all, flink)).toEqual([]);
    for (const version of [...basesOf(all).values(), ...basesOf(flink).values()])
      expect(version).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  it('negative control: another digest of one is seen', () => {
    expect(others(all, flink.replace(/(?<=cc-debian12:nonroot@sha256:)./, 'f'))).toEqual([
      'gcr.io/distroless/cc-debian12',
    ]);
  });
});
