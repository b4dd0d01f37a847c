// Files in, a zip out whose bytes depend on their names and contents alone: no clock, no time zone, no disk order.
import { type Zippable, zipSync } from 'fflate';

/** A file of the archive; the path uses forward slashes. */
export interface ArchiveFile {
  readonly path: string;
  readonly content: Uint8Array;
}

// Zip stores wall-clock time without a zone and fflate writes it by the local clock, so the date is given in local parts.
const EPOCH = new Date(1980, 0, 1);
const UNIX = 3;
/** Regular file, readable by all: Lambda unpacks as root and runs as another user. */
const READABLE_FILE = (0o100_644 << 16) >>> 0;

/** A deterministic zip archive. */
export function zipOf(files: readonly ArchiveFile[]): Uint8Array {
  const entries: Zippable = {};
  for (const { path, content } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    entries[path] = [content, { mtime: EPOCH, level: 6, os: UNIX, attrs: READABLE_FILE }];
  }
  return zipSync(entries);
}
