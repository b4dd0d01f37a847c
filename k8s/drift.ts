// Compares the files in Git with what would be written.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Files } from './write.ts';

/** One file that is not as it would be written. */
export interface StaleFile {
  /** Its path, from the folder that it is in. */
  readonly path: string;
  readonly what: 'missing' | 'changed' | 'left';
}

/** Sorted by path. */
export function staleFiles(folder: string, files: Files): StaleFile[] {
  const present = existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(folder.length + 1)
            .replaceAll('\\', '/'),
        )
    : [];
  const left = present.filter((path) => !files.has(path)).map((path) => ({ path, what: 'left' as const }));
  const others = [...files].flatMap(([path, content]): StaleFile[] => {
    if (!present.includes(path)) return [{ path, what: 'missing' }];
    return readFileSync(join(folder, path), 'utf8') === content ? [] : [{ path, what: 'changed' }];
  });
  return [...left, ...others].toSorted((one, other) => (one.path < other.path ? -1 : 1));
}
