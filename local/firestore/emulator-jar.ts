// The jar of the official Firestore emulator: this machine's own, or else the one that Google publishes for firebase-tools, fetched
// once into the cache folder.
import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { download } from '../downloads/download.ts';
import { makeOnce } from '../downloads/make-once.ts';
import { createMeter } from '../downloads/meter.ts';
import type { KnownFile } from '../downloads/origin.ts';
import { cacheFolder } from '../launcher/folders.ts';
import type { Progress } from '../server/server.ts';

const INSIDE_CLOUD_CLI = 'platform/cloud-firestore-emulator/cloud-firestore-emulator.jar';

/**
 * The last version that firebase-tools used while it still asked for Java 11 only; 1.20 came together with its demand for Java 21.
 * Version, size, checksum and address: github.com/firebase/firebase-tools, src/emulator/downloadableEmulatorInfo.json at d40ffec
 * of 2025-05-27 (until c6f102f of 2025-12-10).
 */
const VERSION = '1.19.8';
const SHA256 = '9d43599ed6151199e8d604dc87fac51218e49e5f3a48519b1ae560bbe5e3382d';
const BYTES = 63_634_791;
const DOWNLOADS = 'https://storage.googleapis.com/firebase-preview-drop/emulator';

/** Where the Google Cloud CLI may be: by its own variable, Debian's package, the installer, Homebrew. */
const cloudCliFolders = (env: NodeJS.ProcessEnv): string[] => [
  ...(env.CLOUDSDK_ROOT_DIR ? [env.CLOUDSDK_ROOT_DIR] : []),
  '/usr/lib/google-cloud-sdk',
  '/usr/share/google-cloud-sdk',
  '/opt/google-cloud-sdk',
  '/snap/google-cloud-cli/current',
  join(homedir(), 'google-cloud-sdk'),
  '/opt/homebrew/share/google-cloud-sdk',
  '/opt/homebrew/Caskroom/google-cloud-sdk/latest/google-cloud-sdk',
  '/opt/homebrew/Caskroom/gcloud-cli/latest/google-cloud-sdk',
  '/usr/local/share/google-cloud-sdk',
  '/usr/local/Caskroom/google-cloud-sdk/latest/google-cloud-sdk',
];

/** The public download. */
export function emulatorDownload(env: NodeJS.ProcessEnv = process.env): KnownFile {
  const base = (env.FIRESTORE_EMULATOR_MIRROR || DOWNLOADS).replace(/\/$/, '');
  const name = `cloud-firestore-emulator-v${VERSION}.jar`;
  return {
    name,
    url: `${base}/${name}`,
    sha256: SHA256,
    bytes: BYTES,
    origin: {
      owner: env.FIRESTORE_EMULATOR_MIRROR
        ? 'the mirror named by FIRESTORE_EMULATOR_MIRROR'
        : "Google's emulator downloads",
      remedy:
        'FIRESTORE_EMULATOR_MIRROR names another server, FIRESTORE_EMULATOR_JAR a jar of yours, FIRESTORE_EMULATOR_HOST an emulator that runs',
    },
  };
}

/** Named by FIRESTORE_EMULATOR_JAR, found where the Cloud CLI or firebase-tools put it, or fetched before. */
export function findEmulatorJar(
  env: NodeJS.ProcessEnv = process.env,
  folder = cacheFolder,
): string | undefined {
  if (env.FIRESTORE_EMULATOR_JAR) {
    return existsSync(env.FIRESTORE_EMULATOR_JAR) ? env.FIRESTORE_EMULATOR_JAR : undefined;
  }
  const ofCloudCli = cloudCliFolders(env).map((one) => join(one, INSIDE_CLOUD_CLI));
  const ofFirebase = globSync(join(homedir(), '.cache/firebase/emulators/cloud-firestore-emulator-*.jar'));
  const fetched = join(folder, emulatorDownload(env).name);
  return [...ofCloudCli, fetched, ...ofFirebase.sort().toReversed()].find((path) => existsSync(path));
}

/** The jar, fetched if need be. @throws AppError of `download`, or `emulator-missing` where the environment promises one */
export async function emulatorJar(progress: Progress = () => {}): Promise<string> {
  const found = findEmulatorJar();
  const promised = process.env.FIRESTORE_EMULATOR_JAR;
  if (!found && promised)
    throw new AppError(
      'emulator-missing',
      `FIRESTORE_EMULATOR_JAR names ${promised}, and there is no such file`,
    );
  return found ?? (await fetchEmulatorJar(progress));
}

/** Fetches the public download into the folder. */
export function fetchEmulatorJar(
  progress: Progress,
  file = emulatorDownload(),
  folder = cacheFolder,
): Promise<string> {
  const what = `the Firestore emulator ${VERSION}`;
  const make = async (unfinished: string): Promise<void> => {
    progress(`fetching ${what} from ${file.origin.owner}, once`);
    await download(file, unfinished, createMeter(what, progress));
  };
  return makeOnce({ path: join(folder, file.name), what, make }, progress);
}
