// The jars of a set in the cache folder, the very ones that its jars.json lists: copied from the local Maven repository where they are,
// else fetched from a server.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { download, type OnBytes, sha256Of } from '../downloads/download.ts';
import { makeOnce } from '../downloads/make-once.ts';
import { createMeter } from '../downloads/meter.ts';
import { cacheFolder } from '../launcher/folders.ts';
import { fileNameOf, type MavenRepository, mavenRepository, pathOf } from '../maven/repository.ts';
import type { Progress } from '../server/server.ts';
import type { JarSet } from './jar-sets.ts';
import { digestOf, type LockedJar, readJarsLock, versionOf } from './jars-lock.ts';

/** A server has many jars to give, and a few at a time fill the line. */
const DOWNLOADS_AT_ONCE = 4;

/** What to bring, from where, and to where. */
export interface JarsPlan {
  /** For people: `Apache Kafka`. */
  readonly title: string;
  readonly jars: readonly LockedJar[];
  readonly repository: MavenRepository;
  readonly folder: string;
  /** Nothing is fetched: what the machine has must do. */
  readonly isOffline: boolean;
}

export function jarsPlan(set: JarSet, { isOffline = false, env = process.env } = {}): JarsPlan {
  const lock = readJarsLock(set);
  const digest = digestOf(JSON.stringify(lock.jars)).slice(0, 8);
  const folder = join(cacheFolder, `${set.name}-${versionOf(set, lock)}-${digest}`);
  const repository = mavenRepository(env, undefined, set.handOver);
  return { title: set.title, jars: lock.jars, repository, folder, isOffline };
}

/** Jars that neither the cache nor the local Maven repository has. */
export function missingJars({ jars, repository, folder }: JarsPlan): LockedJar[] {
  if (existsSync(folder)) return [];
  return jars.filter(({ coordinates }) => !existsSync(join(repository.localFolder, pathOf(coordinates))));
}

/** The folder of the jars, whole. */
export function bringJars(progress: Progress, plan: JarsPlan): Promise<string> {
  const what = `${plan.title} (${plan.jars.length} jars)`;
  return makeOnce(
    { path: plan.folder, what, make: (folder) => fill(folder, plan, what, progress) },
    progress,
  );
}

/** A few at a time, and all that have begun have ended when this does. */
async function fill(folder: string, plan: JarsPlan, what: string, progress: Progress): Promise<void> {
  const { jars, repository } = plan;
  await mkdir(folder, { recursive: true });
  const count = createTally(jars, createMeter(what, progress));
  const waiting = [...jars];
  let fetchedCount = 0;
  const bringAll = async (): Promise<void> => {
    for (let jar = waiting.shift(); jar; jar = waiting.shift()) {
      if (!(await isThere(jar, folder, repository))) {
        if (plan.isOffline) throw new AppError('jar-missing', `${jar.coordinates} is not on this machine`);
        if (fetchedCount === 0) progress(`fetching ${what} from ${repository.origin.owner}, once`);
        fetchedCount += 1;
        await fetchJar(jar, folder, repository, count);
      }
      count(jar, jar.bytes);
    }
  };
  const outcomes = await Promise.allSettled(
    Array.from({ length: DOWNLOADS_AT_ONCE }, () =>
      bringAll().catch((error: unknown) => {
        waiting.length = 0;
        throw error;
      }),
    ),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason as Error;
  progress(`${what}: ${fetchedCount} fetched, ${jars.length - fetchedCount} were on this machine`);
}

type Count = (jar: LockedJar, doneBytes: number) => void;

/** Bytes of each jar in, bytes of all out. */
function createTally(jars: readonly LockedJar[], onBytes: OnBytes): Count {
  const totalBytes = jars.reduce((sum, { bytes }) => sum + bytes, 0);
  const done = new Map<LockedJar, number>();
  return (jar, doneBytes) => {
    done.set(jar, doneBytes);
    onBytes(
      [...done.values()].reduce((sum, one) => sum + one, 0),
      totalBytes,
    );
  };
}

/** A jar of an earlier try, or one that Maven has fetched; one with a wrong checksum does not count. */
async function isThere(jar: LockedJar, folder: string, repository: MavenRepository): Promise<boolean> {
  const target = join(folder, fileNameOf(jar.coordinates));
  if (existsSync(target)) return true;
  const source = join(repository.localFolder, pathOf(jar.coordinates));
  if (!existsSync(source) || (await sha256Of(source)) !== jar.sha256) return false;
  await copyFile(source, `${target}.copy`);
  await rename(`${target}.copy`, target);
  return true;
}

async function fetchJar(
  jar: LockedJar,
  folder: string,
  { addressOf, origin }: MavenRepository,
  count: Count,
): Promise<void> {
  const { coordinates, sha256, bytes } = jar;
  const name = fileNameOf(coordinates);
  const url = await addressOf(coordinates);
  await download({ name, url, sha256, bytes, origin }, join(folder, name), (done) => count(jar, done));
}
