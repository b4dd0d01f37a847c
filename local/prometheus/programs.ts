// The programs of Prometheus: those of PROMETHEUS_HOME, of the PATH, or of Debian's package, which is fetched once into the cache
// folder. The platform runs without them; then its metrics are not recorded.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AppError } from '#runtime/errors.ts';
import { makeOnce } from '../downloads/make-once.ts';
import { cacheFolder } from '../launcher/folders.ts';
import type { Progress } from '../server/server.ts';
import { aptPrograms, fetchDebianPackage } from './debian-package.ts';

/** The oldest that our rules are checked with: Debian 12's. */
const VERSION_MIN = '2.42';
const REMEDY = 'PROMETHEUS_HOME names a folder with prometheus and promtool';

/** Programs that can be run, as paths. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
  readonly version: string;
  /** Pages of its web interface, where they are not in the folder that the program expects. */
  readonly webAssets?: string;
}

/** Why there are none. */
export interface NoPrometheus {
  readonly missing: string;
}

export interface PrometheusSearch {
  readonly env?: NodeJS.ProcessEnv;
  /** The folder of the fetched package. */
  readonly folder?: string;
}

// A package of Debian has programs of one processor.
const FOLDER = join(cacheFolder, `prometheus-${process.arch}`);

/** @throws AppError `prometheus-missing` when PROMETHEUS_HOME names programs that cannot be used: a setting is never silently ignored */
export function findPrometheus({
  env = process.env,
  folder = FOLDER,
}: PrometheusSearch = {}): PrometheusPrograms | NoPrometheus {
  const named = env.PROMETHEUS_HOME;
  if (named) {
    const found = judge(named);
    if (!('missing' in found)) return found;
    throw new AppError('prometheus-missing', `PROMETHEUS_HOME names ${named}, and ${found.missing}`);
  }
  const onPath = (env.PATH ?? '').split(delimiter).find((one) => one && hasBoth(one));
  const found = onPath ? judge(onPath) : undefined;
  if (found && !('missing' in found)) return found;
  if (existsSync(folder)) return judge(join(folder, 'usr/bin'), join(folder, 'usr/share/prometheus/web'));
  return found ?? { missing: 'prometheus and promtool are neither on the PATH nor among what was fetched' };
}

/** Those that are there, or those of Debian's package. @throws AppError `prometheus-missing` in one sentence with what could be done */
export async function bringPrometheus(
  progress: Progress,
  isOffline = false,
  search: PrometheusSearch = {},
): Promise<PrometheusPrograms> {
  const { env = process.env, folder = FOLDER } = search;
  const found = findPrometheus({ env, folder });
  if (!('missing' in found)) return found;
  const without = aptPrograms(env);
  if (isOffline || without.length > 0 || existsSync(folder)) {
    const why = isOffline
      ? 'nothing may be fetched'
      : `${without.join(' and ')} would fetch it, and is not here`;
    throw missing(existsSync(folder) ? found.missing : `${found.missing}, and ${why}`);
  }
  await makeOnce(
    { path: folder, what: 'Prometheus', make: (path) => fetchDebianPackage('prometheus', path, progress) },
    progress,
  ).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'command-failed') throw missing(lastError(error.message));
    throw error;
  });
  const fetched = findPrometheus({ env, folder });
  if ('missing' in fetched) throw missing(fetched.missing);
  return fetched;
}

const missing = (why: string): AppError => new AppError('prometheus-missing', `${why}; ${REMEDY}`);

const hasBoth = (folder: string): boolean =>
  existsSync(join(folder, 'prometheus')) && existsSync(join(folder, 'promtool'));

function judge(folder: string, webAssets?: string): PrometheusPrograms | NoPrometheus {
  const [prometheus, promtool] = [join(folder, 'prometheus'), join(folder, 'promtool')];
  if (!hasBoth(folder)) return { missing: `${folder} does not have both prometheus and promtool` };
  const version = versionOf(prometheus);
  if (!version) return { missing: `${prometheus} does not tell its version` };
  if (isOlder(version, VERSION_MIN))
    return { missing: `${prometheus} is ${version}, and ${VERSION_MIN} or later is needed` };
  return { prometheus, promtool, version, ...(webAssets ? { webAssets } : {}) };
}

/** `prometheus, version 2.42.0+ds (branch: …)`. */
function versionOf(program: string): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  // Early versions print it to stderr.
  return status === 0 ? /version (\d+\.\d+\.\d+)/.exec(stdout + stderr)?.[1] : undefined;
}

function isOlder(version: string, other: string): boolean {
  const [[major = 0, minor = 0], [majorMin = 0, minorMin = 0]] = [version, other].map((one) =>
    one.split('.').map(Number),
  ) as [number[], number[]];
  return major < majorMin || (major === majorMin && minor < minorMin);
}

/** apt marks its errors by `E: `. */
function lastError(said: string): string {
  const errors = said.match(/^\s*E: .*$/gm) ?? [];
  const last = errors.at(-1)?.trim().slice('E: '.length);
  return `apt-get could not bring Debian's package prometheus${last ? ` (${last})` : ''}`;
}
