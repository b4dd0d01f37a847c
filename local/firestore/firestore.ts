// The official Firestore emulator on this machine. In: a port. Out: FIRESTORE_EMULATOR_HOST.
// It keeps its documents in memory: a restart forgets them, and the owner of the data delivers them again.
import { mkdir } from 'node:fs/promises';
import { AppError } from '#runtime/errors.ts';
import { javaArguments, javaProgram } from '../java/java.ts';
import { elsewhere } from '../launcher/elsewhere.ts';
import { startNativeServer } from '../server/native-server.ts';
import type { Progress, RunningServer, ServerOptions } from '../server/server.ts';
import { emulatorJar } from './emulator-jar.ts';

const READY_MS_MAX = 60_000;
/** With `-jar` it fails: the manifest names another main class. */
const MAIN_CLASS = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';

/** Starts the emulator. Where the environment names another in `FIRESTORE_EMULATOR_HOST`, that one is used. */
export async function startFirestore(
  options: ServerOptions,
  progress: Progress = () => {},
): Promise<RunningServer> {
  const given = process.env.FIRESTORE_EMULATOR_HOST;
  if (given)
    return elsewhere('Firestore emulator', 'FIRESTORE_EMULATOR_HOST', given, () => answersFirestore(given));
  const command = await javaProgram(progress);
  const jar = await emulatorJar(progress);
  await mkdir(options.dataDir, { recursive: true });
  const address = `127.0.0.1:${options.port}`;
  const jvm = [...javaArguments(256), '-cp', jar, MAIN_CLASS];
  return startNativeServer({
    child: {
      name: 'Firestore emulator',
      command,
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
