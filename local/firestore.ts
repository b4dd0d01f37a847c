// The official Firestore emulator on this machine. In: a port. Out: FIRESTORE_EMULATOR_HOST.
// It keeps its documents in memory: a restart forgets them, and the owner of the data delivers them again.
import { existsSync, globSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { elsewhere } from './elsewhere.ts';
import { javaArguments } from './java.ts';
import { startNativeServer } from './native-server.ts';
import type { Progress, RunningServer, ServerOptions } from './server.ts';

const READY_MS_MAX = 60_000;
/** With `-jar` it fails: the manifest names another main class. */
const MAIN_CLASS = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';
const INSIDE_CLOUD_CLI = 'platform/cloud-firestore-emulator/cloud-firestore-emulator.jar';

/** Where the Google Cloud CLI lies: by its own variable, Debian's package, the installer, Homebrew. */
const CLOUD_CLI_FOLDERS = (env: NodeJS.ProcessEnv): string[] => [
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

/** The emulator's jar: named by FIRESTORE_EMULATOR_JAR, or found where the Cloud CLI or firebase-tools put it. */
export function findEmulatorJar(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.FIRESTORE_EMULATOR_JAR) {
    return existsSync(env.FIRESTORE_EMULATOR_JAR) ? env.FIRESTORE_EMULATOR_JAR : undefined;
  }
  const ofCloudCli = CLOUD_CLI_FOLDERS(env).map((folder) => join(folder, INSIDE_CLOUD_CLI));
  const ofFirebase = globSync(join(homedir(), '.cache/firebase/emulators/cloud-firestore-emulator-*.jar'));
  return [...ofCloudCli, ...ofFirebase.sort().toReversed()].find((path) => existsSync(path));
}

/**
 * Starts the emulator. Where the environment names another in `FIRESTORE_EMULATOR_HOST`, that one is used.
 * @throws AppError `emulator-missing` when its jar is nowhere
 */
export async function startFirestore(options: ServerOptions, _progress?: Progress): Promise<RunningServer> {
  const given = process.env.FIRESTORE_EMULATOR_HOST;
  if (given)
    return elsewhere('Firestore emulator', 'FIRESTORE_EMULATOR_HOST', given, () => answersFirestore(given));
  const jar = findEmulatorJar();
  if (!jar) throw new AppError('emulator-missing', 'the jar of the Firestore emulator was not found');
  await mkdir(options.dataDir, { recursive: true });
  const address = `127.0.0.1:${options.port}`;
  const jvm = [...javaArguments(256), '-cp', jar, MAIN_CLASS];
  return startNativeServer({
    child: {
      name: 'Firestore emulator',
      command: 'java',
      args: [...jvm, '--host', '127.0.0.1', '--port', String(options.port)],
      folder: options.dataDir,
      logFile: options.logFile,
      stopSignal: 'SIGTERM',
      stopMsMax: 10_000,
    },
    address,
    // Off Google Cloud the client would else look for its metadata server, for seconds.
    env: { FIRESTORE_EMULATOR_HOST: address, METADATA_SERVER_DETECTION: 'none' },
    probe: () => answersFirestore(address),
    readyMsMax: READY_MS_MAX,
  });
}

/** Whether an emulator answers there. @throws what the connection says otherwise */
export async function answersFirestore(address: string): Promise<void> {
  const response = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  if (!response.ok) throw new AppError('emulator-not-ready', `HTTP ${response.status} from ${address}`);
}
