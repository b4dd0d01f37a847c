import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMirror } from '../../test/mirror/mirror.ts';
import { emulatorDownload, fetchEmulatorJar, findEmulatorJar } from './emulator-jar.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the emulator's jar", () => {
  it('is the one that FIRESTORE_EMULATOR_JAR names, or none', async () => {
    const jar = join(folder, 'mine.jar');
    expect(findEmulatorJar({ FIRESTORE_EMULATOR_JAR: jar })).toBeUndefined();
    await writeFile(jar, 'a jar');
    expect(findEmulatorJar({ FIRESTORE_EMULATOR_JAR: jar })).toBe(jar);
  });

  it('is fetched once from the mirror that FIRESTORE_EMULATOR_MIRROR names', async () => {
    const mirror = await startMirror();
    try {
      const known = emulatorDownload({ FIRESTORE_EMULATOR_MIRROR: `${mirror.url}/emulator/` });
      expect(known.url).toBe(`${mirror.url}/emulator/${known.name}`);
      // No file here has the real one's checksum.
      const { sha256, bytes } = mirror.file;
      const file = { ...known, sha256, bytes: bytes! };
      const jar = await fetchEmulatorJar(() => {}, file, folder);
      expect(await readFile(jar)).toEqual(mirror.contents);
      expect(await fetchEmulatorJar(() => {}, file, folder)).toBe(jar);
      expect(mirror.requests).toEqual([`GET /emulator/${known.name}`]);
    } finally {
      await mirror.close();
    }
  });

  it('is refused when a mirror has another one', async () => {
    const mirror = await startMirror();
    try {
      const file = { ...emulatorDownload({ FIRESTORE_EMULATOR_MIRROR: mirror.url }), bytes: 300_000 };
      await expect(fetchEmulatorJar(() => {}, file, folder)).rejects.toThrow(
        /^cloud-firestore-emulator-v[\d.]+\.jar from the mirror named by FIRESTORE_EMULATOR_MIRROR .* was deleted/,
      );
    } finally {
      await mirror.close();
    }
  });
});
