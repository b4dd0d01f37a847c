// A real Flink on this machine: one JobManager and one TaskManager as JVMs of their own, from the jars that flink/jars.json lists.
// In: a folder and a port. Out: a cluster that takes statements of SQL. A TaskManager that ends is started again, as YARN does.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlinkPart } from '#contracts/one-flink.ts';
import { backoffMs } from '#runtime/backoff.ts';
import { AppError } from '#runtime/errors.ts';
import { FLINK_JARS } from '../jars/jar-sets.ts';
import { bringJars, jarsPlan } from '../jars/jars.ts';
import { javaProgram } from '../java/java.ts';
import { freePort } from '../launcher/ports.ts';
import type { Ward } from '../launcher/ward.ts';
import { sharedWarden } from '../launcher/warden.ts';
import { waitUntilReady } from '../server/ready.ts';
import type { Progress, RunningServer, ServerOptions } from '../server/server.ts';
import { type ClusterFiles, partArguments, writeClusterFiles } from './files.ts';
import { keepGateway } from './kept-gateway.ts';
import { type FlinkRest, flinkRest } from './rest.ts';

const READY_MS_MAX = 90_000;
const STOP_MS_MAX = 15_000;

export interface FlinkOptions extends ServerOptions {
  /** How many subtasks of a job may run at a time. @default 2 */
  readonly slots?: number;
  /** The quick compiler alone halves a start, and costs speed. @default true */
  readonly isQuick?: boolean;
}

/** A cluster that answers. */
export interface RunningFlink extends RunningServer {
  readonly rest: FlinkRest;
  /** `host:port` of the JobManager's and of the TaskManager's metrics. */
  readonly metrics: readonly string[];
  /** Of the TaskManager that runs now. */
  taskManagerPid(): number;
  /** Runs statements of SQL by a gateway, which is there for a minute more. Resolves with the id of the job that they began. */
  run(statements: readonly string[]): Promise<string>;
}

/** Starts both and waits until the JobManager knows the TaskManager. */
export async function startFlink(
  options: FlinkOptions,
  progress: Progress = () => {},
): Promise<RunningFlink> {
  const { dataDir, port, slots = 2, isQuick = true } = options;
  const command = await javaProgram(progress);
  const jars = await bringJars(progress, jarsPlan(FLINK_JARS));
  const [rpcPort, jobManagerMetrics, taskManagerMetrics] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const metricsPorts = [jobManagerMetrics, taskManagerMetrics] as const;
  await mkdir(dataDir, { recursive: true });
  const files = await writeClusterFiles({ folder: dataDir, port, rpcPort, metricsPorts, slots, isQuick });
  const start = launcher({ command, jars, files, options, isQuick });
  const address = `http://127.0.0.1:${port}`;
  const rest = flinkRest(address);
  const jobManager = await start('JobManager', 'jobManager');
  const taskManager = await keepRunning(() => start('TaskManager', 'taskManager'));
  const gateway = keepGateway((gatewayPort) => start('SQL gateway', 'gateway', gatewayPort));
  const stop = async (): Promise<void> => {
    for (const part of [gateway, taskManager, jobManager]) await part.stop();
  };
  try {
    await waitUntilReady(jobManager, () => hasTaskSlots(rest), READY_MS_MAX);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'Flink',
    address,
    env: {},
    rest,
    metrics: metricsPorts.map((metricsPort) => `127.0.0.1:${metricsPort}`),
    pids: [jobManager.identity.pid, taskManager.pid()],
    taskManagerPid: () => taskManager.pid(),
    ended: jobManager.ended,
    run: (statements) => gateway.run(statements),
    stop,
  };
}

type Start = (name: string, part: FlinkPart, port?: number) => Promise<Ward>;

interface LauncherOptions {
  readonly command: string;
  readonly jars: string;
  readonly files: ClusterFiles;
  readonly options: FlinkOptions;
  readonly isQuick: boolean;
}

const launcher =
  ({ command, jars, files, options, isQuick }: LauncherOptions): Start =>
  async (name, part, port = 0) => {
    const logFile = join(dirname(options.logFile), `flink-${part}.log`);
    const warden = await sharedWarden(options.logFile);
    return warden.start({
      name: `Flink's ${name}`,
      command,
      args: partArguments(part, { jars, files, isQuick, port }),
      folder: options.dataDir,
      env: { FLINK_CONF_DIR: files.conf },
      logFile,
      stopSignal: 'SIGTERM',
      stopMsMax: STOP_MS_MAX,
    });
  };

async function hasTaskSlots(rest: FlinkRest): Promise<void> {
  const { taskmanagers } = await rest.overview();
  if (taskmanagers === 0) throw new AppError('flink-not-ready', 'the JobManager knows no TaskManager yet');
}

/** Starts it again, with growing pauses, whenever it ends unasked. */
async function keepRunning(start: () => Promise<Ward>) {
  let ward = await start();
  const stopping = new AbortController();
  const { signal } = stopping;
  const keeping = (async () => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      await ward.ended;
      await sleep(backoffMs(failures, 200), undefined, { signal }).catch(() => {});
      if (!signal.aborted) ward = await start();
    }
  })();
  return {
    pid: () => ward.identity.pid,
    stop: async () => {
      stopping.abort();
      await ward.stop();
      await keeping;
    },
  };
}
