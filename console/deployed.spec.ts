// What is in the image of the deployed console: by the imports of its entry, as a bundler follows them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** What changes something, or helps to. */
const CHANGES = [
  'faults-http.ts',
  'photo-store.ts',
  'reconciliations.ts',
  'replays.ts',
  'upload-request.ts',
  'uploads.ts',
];

/** Files of this folder that a program holds; imports of types alone bring nothing. */
function importedBy(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  const source = readFileSync(join(import.meta.dirname, entry), 'utf8');
  for (const [, names, path] of source.matchAll(/^import (?!type )([^;]*?)from '(\.[^']+)';/gms)) {
    const isTypesOnly = /^\{(\s*type \w+,?)+\s*\}\s*$/.test(names!);
    if (!isTypesOnly) importedBy(join(join(entry, '..'), path!), seen);
  }
  return seen;
}

describe('the deployed console', () => {
  it('holds nothing that replays, compares, uploads or breaks', () => {
    const held = importedBy('deployed.ts');
    expect(held.size).toBeGreaterThan(15);
    expect(CHANGES.filter((file) => held.has(file))).toEqual([]);
  });

  it('negative control: a laptop’s holds all of it', () => {
    const held = importedBy('main.ts');
    expect(CHANGES.filter((file) => !held.has(file))).toEqual([]);
  });
});
