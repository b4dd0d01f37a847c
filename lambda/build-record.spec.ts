import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArtifactRecord,
  freshArtifact,
  hashesOf,
  recordPathOf,
  sha256Base64Of,
} from './build-record.ts';

let root: string;
let zipPath: string;
const ZIP = Buffer.from('a zip');
const write = (path: string, content: string | Buffer) => writeFileSync(join(root, path), content);

/** Two sources, and what a build made of them. */
async function build(changes: Partial<ArtifactRecord> = {}): Promise<void> {
  write('one.ts', 'one');
  write('package-lock.json', '{}');
  writeFileSync(zipPath, ZIP);
  const inputs = await hashesOf(root, ['one.ts', 'package-lock.json']);
  const record = { inputs, sha256Base64: sha256Base64Of(ZIP), unzippedBytes: 7, ...changes };
  writeFileSync(recordPathOf(zipPath), JSON.stringify(record));
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'record-'));
  zipPath = join(root, 'function.zip');
  await build();
});
afterEach(() => rmSync(root, { recursive: true }));

describe('a zip that was built of these very sources', () => {
  it('is the artifact, and need not be built again', async () => {
    expect(await freshArtifact(root, zipPath)).toEqual({
      path: zipPath,
      bytes: ZIP.length,
      unzippedBytes: 7,
      sha256Base64: sha256Base64Of(ZIP),
    });
  });
});

describe('a zip is built again', () => {
  it.each<[string, () => void | Promise<void>]>([
    ['when a source has changed', () => write('one.ts', 'two')],
    ['when the lockfile has changed', () => write('package-lock.json', '{"packages":{}}')],
    ['when a source is gone', () => rmSync(join(root, 'one.ts'))],
    ['when the zip is gone', () => rmSync(zipPath)],
    ['when the zip is another than the record’s', () => writeFileSync(zipPath, 'half a zip')],
    ['when there is no record', () => rmSync(recordPathOf(zipPath))],
    ['when the record is cut off', () => writeFileSync(recordPathOf(zipPath), '{"inputs":')],
    ['when the record is of an earlier form', () => build({ unzippedBytes: undefined as never })],
  ])('%s', async (_when, spoil) => {
    await spoil();
    expect(await freshArtifact(root, zipPath)).toBeUndefined();
  });
});
