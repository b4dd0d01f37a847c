// `npm start` as a child process, in a new folder and on other ports, so that it does not meet a developer's platform.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICES } from '#contracts/shop-processes.ts';
import { freePort } from '../local/launcher/ports.ts';
import { isGoneWithin, isSameProcess, type ProcessIdentity } from '../local/launcher/process-identity.ts';
import type { RunState } from '../local/launcher/run-file.ts';
import { servicePortVariable } from '../local/launcher/settings.ts';
import { type ModuleProcess, watchChild } from './child-process.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PORT_VARIABLES = [
  'LOCAL_KAFKA_PORT',
  'LOCAL_POSTGRES_PORT',
  'LOCAL_FIRESTORE_PORT',
  'LOCAL_S3_PORT',
  'LOCAL_GCS_PORT',
  'CONSOLE_PORT',
  'STOREFRONT_PORT',
  'OPS_PORT',
  'LOCAL_ACCOUNTS_PORT',
  'LOCAL_TRACES_PORT',
  'LOCAL_PROMETHEUS_PORT',
  'LOCAL_FLINK_PORT',
  ...SERVICES.map(({ name }) => servicePortVariable(name)),
];
/** Little is handed on: above all not the addresses of the specs' shared servers. */
const HANDED_ON = [
  'PATH',
  'HOME',
  'JAVA_HOME',
  'CLOUDSDK_ROOT_DIR',
  'FIRESTORE_EMULATOR_JAR',
  'LOCAL_CACHE_DIR',
  'MAVEN_REPOSITORY',
  'PROMETHEUS_HOME',
];

/** A launcher that runs, or has run. */
export type Launcher = ModuleProcess;

/** A free port for every part. */
export async function freePorts(): Promise<Record<string, string>> {
  const ports = new Set<number>();
  while (ports.size < PORT_VARIABLES.length) ports.add(await freePort());
  return Object.fromEntries([...ports].map((port, at) => [PORT_VARIABLES[at], String(port)]));
}

/** Starts it as a person does. */
export function launch(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = ['--no-samples'],
  command: readonly [string, ...string[]] = [process.execPath, 'local/launcher/start.ts'],
): Launcher {
  const handedOn = HANDED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  const [program, ...before] = command;
  const child = spawn(program, [...before, ...args], {
    cwd: ROOT,
    env: { ...Object.fromEntries(handedOn), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watchChild(child, 'the launcher');
}

/** What the launcher of that folder has on record. */
export const recordedRun = async (folder: string): Promise<RunState> =>
  JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunState;

/** Everything that a run has started. */
export const everyProcess = ({ warden, processes }: RunState): ProcessIdentity[] => [
  ...(warden ? [warden] : []),
  ...processes.map(({ identity }) => identity),
];

/** Commands of those that still live after the time. */
export async function survivors(processes: readonly ProcessIdentity[], waitMsMax: number): Promise<string[]> {
  const gone = await Promise.all(processes.map((one) => isGoneWithin(one, waitMsMax)));
  return processes.filter((_one, at) => !gone[at]).map(({ command }) => command);
}

/** For the end of a spec that failed half-way: nothing may be left of it. */
export async function killAll(processes: readonly ProcessIdentity[]): Promise<void> {
  for (const one of processes) if (await isSameProcess(one)) process.kill(one.pid, 'SIGKILL');
}
