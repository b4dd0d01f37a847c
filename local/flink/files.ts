// The files of a Flink cluster on this machine: settings, logging, and the arguments of its JVMs.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  asFlinkYaml,
  dynamic,
  FLINK_HEAP_MIB,
  FLINK_LOGGING,
  type FlinkPart,
  flinkJvmArguments,
  flinkProgram,
  ONE_FLINK,
} from '#contracts/one-flink.ts';
import { javaArguments } from '../java/java.ts';

/** Where a cluster keeps its files, and where it listens. */
export interface ClusterShape {
  /** A folder that only this cluster uses. */
  readonly folder: string;
  /** Of the page and the REST interface. */
  readonly port: number;
  /** Of the JobManager's actors. */
  readonly rpcPort: number;
  /** Of `/metrics`: the JobManager's, then the TaskManager's. */
  readonly metricsPorts: readonly [number, number];
  /** How many subtasks of a job may run at a time. */
  readonly slots: number;
  /** The quick compiler alone halves a start, and costs speed. */
  readonly isQuick: boolean;
}

export interface ClusterFiles {
  /** `FLINK_CONF_DIR`. */
  readonly conf: string;
  readonly logging: string;
  readonly savepoints: string;
  readonly checkpoints: string;
}

/** Writes the files. */
export async function writeClusterFiles(shape: ClusterShape): Promise<ClusterFiles> {
  const files = {
    conf: join(shape.folder, 'conf'),
    logging: join(shape.folder, 'conf/log4j2.properties'),
    savepoints: join(shape.folder, 'savepoints'),
    checkpoints: join(shape.folder, 'checkpoints'),
  };
  for (const folder of [files.conf, join(shape.folder, 'tmp')]) await mkdir(folder, { recursive: true });
  await writeFile(join(files.conf, 'config.yaml'), asFlinkYaml(settingsOf(shape, files)));
  await writeFile(files.logging, FLINK_LOGGING);
  return files;
}

const settingsOf = (shape: ClusterShape, files: ClusterFiles): Record<string, string | number> => ({
  ...ONE_FLINK,
  'rest.address': '127.0.0.1',
  'rest.bind-address': '127.0.0.1',
  'rest.port': shape.port,
  'jobmanager.rpc.address': '127.0.0.1',
  'jobmanager.rpc.port': shape.rpcPort,
  'jobmanager.bind-host': '127.0.0.1',
  'taskmanager.host': '127.0.0.1',
  'taskmanager.bind-host': '127.0.0.1',
  'taskmanager.numberOfTaskSlots': shape.slots,
  'io.tmp.dirs': join(shape.folder, 'tmp'),
  'execution.checkpointing.dir': pathToFileURL(files.checkpoints).href,
  'execution.checkpointing.savepoint-dir': pathToFileURL(files.savepoints).href,
  // A TaskManager that was killed is missed soon.
  'heartbeat.interval': '1 s',
  'heartbeat.timeout': '6 s',
  'metrics.reporter.prometheus.port': shape.metricsPorts.join(','),
});

/**
 * Arguments of a part's JVM.
 * @param port where a gateway listens
 */
export function partArguments(
  part: FlinkPart,
  { jars, files, isQuick, port }: { jars: string; files: ClusterFiles; isQuick: boolean; port: number },
): string[] {
  return [
    ...javaArguments(FLINK_HEAP_MIB[part]).filter((argument) => isQuick || !argument.includes('Tiered')),
    ...flinkJvmArguments(part, jars, files.logging),
    ...flinkProgram(part, files.conf),
    ...(part === 'gateway' ? gatewayListensAt(port) : []),
  ];
}

const gatewayListensAt = (port: number): string[] => [
  dynamic('sql-gateway.endpoint.rest.address', '127.0.0.1'),
  dynamic('sql-gateway.endpoint.rest.bind-address', '127.0.0.1'),
  dynamic('sql-gateway.endpoint.rest.port', port),
];
