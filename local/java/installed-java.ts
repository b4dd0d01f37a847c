// Java programs of this machine: which there are, and how old they are.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Kafka 4 and the Firestore emulator run on 17 and later. */
export const JAVA_MAJOR_MIN = 17;

/** The program in JAVA_HOME, or else the first on the PATH, that is new enough; as an absolute path. */
export const installedJava = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  candidates(env).find((program) => (javaMajor(program) ?? 0) >= JAVA_MAJOR_MIN);

function candidates(env: NodeJS.ProcessEnv): string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  if (env.JAVA_HOME) folders.unshift(join(env.JAVA_HOME, 'bin'));
  return folders.map((folder) => resolve(folder, 'java')).filter((program) => existsSync(program));
}

/**
 * `version "17.0.15"`; before Java 9 `"1.8.0_402"`, where 8 is meant. Undefined where it does not run: macOS has a program of
 * this name that only says where to buy one.
 */
export function javaMajor(program: string): number | undefined {
  const { status, stderr } = spawnSync(program, ['-version'], { encoding: 'utf8' });
  const version = status === 0 ? /version "(?:1\.)?(\d+)/.exec(stderr)?.[1] : undefined;
  return version ? Number(version) : undefined;
}
