// Maven's settings files in, what they say about where jars come from out: the same words as Maven understands them
// (https://maven.apache.org/settings.html, "Mirrors").
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';

/** A server that stands in for the central repository. */
export interface Mirror {
  readonly id: string;
  readonly url: string;
  /** The file that names it. */
  readonly file: string;
}

/** What settings say, a user's before the machine's. */
export interface MavenSettings {
  readonly mirror: Mirror | undefined;
  /** The folder of the jars that Maven has fetched. */
  readonly localRepository: string;
}

interface SettingsFile {
  settings?: { localRepository?: string; mirrors?: { mirror?: MirrorEntry[] } };
}

interface MirrorEntry {
  id?: string;
  url?: string;
  mirrorOf?: string;
  blocked?: string;
}

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'mirror' });

/** Reads the files that are there. */
export function readMavenSettings(env: NodeJS.ProcessEnv = process.env, home = homedir()): MavenSettings {
  const files = settingsFiles(env, home)
    .filter((file) => existsSync(file))
    .map((file) => ({ file, ...(parser.parse(readFileSync(file, 'utf8')) as SettingsFile) }));
  const mirrors = files.flatMap(({ file, settings }) =>
    (settings?.mirrors?.mirror ?? []).map((mirror) => ({ ...mirror, file })),
  );
  // The first that fits counts, as in Maven; a blocked one only says what must not be used.
  const found = mirrors.find(({ blocked, mirrorOf }) => blocked !== 'true' && isForCentral(mirrorOf));
  const folder = files.map(({ settings }) => settings?.localRepository).find(Boolean);
  return {
    mirror: found && { id: found.id ?? '', url: fill(found.url ?? '', env, home), file: found.file },
    localRepository: folder ? fill(folder, env, home) : join(home, '.m2/repository'),
  };
}

/** The user's file, then that of Maven's installation: found by its variable, or by the program on the PATH. */
function settingsFiles(env: NodeJS.ProcessEnv, home: string): string[] {
  const installations = [env.MAVEN_HOME, env.M2_HOME].filter(Boolean) as string[];
  const program = (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'mvn'))
    .find((path) => existsSync(path));
  if (program) installations.push(dirname(dirname(realpathSync(program))));
  return [
    join(home, '.m2/settings.xml'),
    ...installations.map((folder) => join(folder, 'conf/settings.xml')),
  ];
}

/** `*`, `external:*`, `central`, and lists of them, where `!central` takes it out. */
function isForCentral(mirrorOf = ''): boolean {
  const names = mirrorOf.split(',').map((name) => name.trim());
  if (names.includes('!central')) return false;
  return names.some((name) => name === '*' || name === 'external:*' || name === 'central');
}

/** `${user.home}` and `${env.NAME}`, which Maven fills in here. */
const fill = (text: string, env: NodeJS.ProcessEnv, home: string): string =>
  text
    .replaceAll('${user.home}', home)
    .replaceAll(/\$\{env\.([^}]+)\}/g, (_whole, name: string) => env[name] ?? '');
