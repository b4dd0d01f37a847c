import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { staleFiles } from './drift.ts';
import { renderAll } from './render.ts';
import { writeFiles } from './write.ts';

const folder = mkdtempSync(join(tmpdir(), 'overlays-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the manifests in Git', () => {
  it.each([...renderAll()])('are what their sources write: %s', (name, files) => {
    expect(files.size).toBeGreaterThan(1);
    expect(staleFiles(join(import.meta.dirname, name), files)).toEqual([]);
  });

  it('come out the same each time', () => {
    expect(renderAll()).toEqual(renderAll());
  });
});

describe('a file that differs', () => {
  it('is named, with what is wrong about it', () => {
    const files = new Map([
      ['a/one.yaml', '1'],
      ['a/two.yaml', '2'],
    ]);
    writeFiles(folder, files);
    expect(staleFiles(folder, files)).toEqual([]);
    writeFileSync(join(folder, 'a/one.yaml'), 'edited by hand');
    rmSync(join(folder, 'a/two.yaml'));
    mkdirSync(join(folder, 'b'));
    writeFileSync(join(folder, 'b/three.yaml'), '3');
    expect(staleFiles(folder, files)).toEqual([
      { path: 'a/one.yaml', what: 'changed' },
      { path: 'a/two.yaml', what: 'missing' },
      { path: 'b/three.yaml', what: 'left' },
    ]);
  });
});
