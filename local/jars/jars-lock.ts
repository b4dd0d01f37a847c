// The jars of a set as its jars.json lists them: coordinates, checksums and sizes of all that its pom.xml leads to, so that a start
// needs no Maven. `npm run lock:kafka` and `npm run lock:flink` write the lists.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Coordinates } from '../maven/repository.ts';
import type { JarSet } from './jar-sets.ts';

export interface LockedJar {
  readonly coordinates: Coordinates;
  readonly sha256: string;
  readonly bytes: number;
}

export interface JarsLock {
  /** SHA-256 of the pom.xml that it was made from. */
  readonly pom: string;
  readonly jars: readonly LockedJar[];
}

export const readJarsLock = ({ lockFile }: JarSet): JarsLock =>
  JSON.parse(readFileSync(lockFile, 'utf8')) as JarsLock;

/** Line ends as git may have changed them do not count. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');

/** The program's own version, for people. */
export function versionOf({ main }: JarSet, { jars }: JarsLock): string {
  const program = jars.find(({ coordinates }) => coordinates.startsWith(main));
  return program?.coordinates.split(':')[2] ?? '';
}

/** Dependencies that a pom names itself, with its properties filled in. */
export function directDependencies(pom: string): Coordinates[] {
  const property = (_whole: string, name: string): string => textOf(pom, name);
  return [...pom.matchAll(/<dependency>([^]*?)<\/dependency>/g)].map(([, block = '']) =>
    ['groupId', 'artifactId', 'version']
      .map((name) => textOf(block, name).replaceAll(/\$\{([^}]+)\}/g, property))
      .join(':'),
  );
}

const textOf = (xml: string, name: string): string =>
  new RegExp(`<${name.replaceAll('.', '\\.')}>([^<]*)<`).exec(xml)?.[1]?.trim() ?? '';
