// In: an artifact's coordinates. Out: where its jar is, on this machine and at a server.
import { join } from 'node:path';
import artifactUrl from 'mvn-artifact-url';
import type { Origin } from '../downloads/origin.ts';
import { readMavenSettings } from './settings.ts';

/** `org.slf4j:slf4j-api:1.7.36`: a jar without classifier. */
export type Coordinates = string;

/** Where jars come from. */
export interface MavenRepository {
  readonly origin: Origin;
  /** The folder of what Maven has fetched before. */
  readonly localFolder: string;
  readonly addressOf: (coordinates: Coordinates) => Promise<string>;
}

/**
 * By MAVEN_REPOSITORY, by a mirror in Maven's settings, or where `mvn-artifact-url` looks by default.
 * @param handOver how a person does without its jars: `KAFKA_BROKERS a broker of yours`
 */
export function mavenRepository(
  env: NodeJS.ProcessEnv = process.env,
  home?: string,
  handOver?: string,
): MavenRepository {
  const { mirror, localRepository: localFolder } = readMavenSettings(env, home);
  const [base, owner] = env.MAVEN_REPOSITORY
    ? [env.MAVEN_REPOSITORY, 'the Maven repository named by MAVEN_REPOSITORY']
    : mirror
      ? [mirror.url, `the Maven repository named by ${mirror.file} (mirror ${mirror.id})`]
      : [undefined, "Maven's central repository"];
  return {
    origin: {
      owner,
      remedy: ['MAVEN_REPOSITORY names another repository', handOver].filter(Boolean).join(', '),
    },
    localFolder,
    addressOf: async (coordinates) =>
      base ? `${base.replace(/\/$/, '')}/${pathOf(coordinates)}` : centralAddress(coordinates),
  };
}

/** The layout of every Maven repository, also of the local one. */
export function pathOf(coordinates: Coordinates): string {
  const { groupId, artifactId, version } = partsOf(coordinates);
  return join(groupId.replaceAll('.', '/'), artifactId, version, fileNameOf(coordinates));
}

/** `slf4j-api-1.7.36.jar` */
export function fileNameOf(coordinates: Coordinates): string {
  const { artifactId, version } = partsOf(coordinates);
  return `${artifactId}-${version}.jar`;
}

function partsOf(coordinates: Coordinates): { groupId: string; artifactId: string; version: string } {
  const [groupId = '', artifactId = '', version = ''] = coordinates.split(':');
  return { groupId, artifactId, version };
}

/** Node gives a CommonJS module as the default, and its own default inside. */
const centralAddress = (coordinates: Coordinates): Promise<string> =>
  artifactUrl.default(partsOf(coordinates));
