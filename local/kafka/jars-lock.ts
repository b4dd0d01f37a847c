// The broker's jars as jars.json lists them: coordinates, checksums and sizes of all that pom.xml leads to, so that a start needs
// no Maven. `npm run lock:kafka` writes the list.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Coordinates } from '../maven/repository.ts';

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

export const POM_FILE = join(import.meta.dirname, 'pom.xml');
export const LOCK_FILE = join(import.meta.dirname, 'jars.json');

export const readJarsLock = (): JarsLock => JSON.parse(readFileSync(LOCK_FILE, 'utf8')) as JarsLock;

/** Line ends as git may have changed them do not count. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');

/** Kafka's own version, for people. */
export function kafkaVersion({ jars }: JarsLock): string {
  const broker = jars.find(({ coordinates }) => coordinates.startsWith('org.apache.kafka:kafka_'));
  return broker?.coordinates.split(':')[2] ?? '';
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
