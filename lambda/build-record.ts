// A list of what went into a zip, kept beside the zip. It shows whether the zip is stale, and saves a build that would change nothing.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Artifact {
  readonly path: string;
  readonly bytes: number;
  readonly unzippedBytes: number;
  /** As Lambda's `source_code_hash` wants it. */
  readonly sha256Base64: string;
}

/** The file beside the zip. */
export interface ArtifactRecord {
  /** SHA-256, hexadecimal, of each file that went in, by its path from the repository's root. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Of the zip that they became. */
  readonly sha256Base64: string;
  readonly unzippedBytes: number;
}

/** The path of a zip's record. */
export const recordPathOf = (zipPath: string): string => zipPath.replace(/(\.zip)?$/, '.json');

/** The artifact that a build of today's sources would write again; undefined where it has to be built. */
export async function freshArtifact(rootFolder: string, zipPath: string): Promise<Artifact | undefined> {
  try {
    const record = JSON.parse(await readFile(recordPathOf(zipPath), 'utf8')) as ArtifactRecord;
    const zip = await readFile(zipPath);
    const { inputs, sha256Base64, unzippedBytes } = record;
    // Zip and record are put in place one after the other, so they may be of two builds.
    if (sha256Base64Of(zip) !== sha256Base64 || typeof unzippedBytes !== 'number') return undefined;
    const now = await hashesOf(rootFolder, Object.keys(inputs));
    const isFresh = Object.entries(inputs).every(
      ([path, hash]) => Object.hasOwn(now, path) && now[path] === hash,
    );
    return isFresh ? { path: zipPath, bytes: zip.length, unzippedBytes, sha256Base64 } : undefined;
  } catch {
    // Nothing there, nothing whole, or a source that is gone: a build says more.
    return undefined;
  }
}

export const sha256Base64Of = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('base64');

/** By the paths as they are given, from the root on. */
export async function hashesOf(
  rootFolder: string,
  paths: readonly string[],
): Promise<Record<string, string>> {
  const hashes = paths.map(async (path) => {
    const content = await readFile(join(rootFolder, path));
    return [path, createHash('sha256').update(content).digest('hex')];
  });
  return Object.fromEntries(await Promise.all(hashes));
}
