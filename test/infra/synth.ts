// The synthesized Terraform of an environment, as the infrastructure specs look at it. Artifacts are fixed, so that a change
// of a program's code is no change of the infrastructure.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { FLINK_CONNECTORS } from '../../local/jars/jar-sets.ts';
import { readJarsLock } from '../../local/jars/jars-lock.ts';
import { fileNameOf } from '../../local/maven/repository.ts';
import type { Artifacts } from '../../stacks/artifacts.ts';
import { readEnvironment } from '../../stacks/environments/environments.ts';
import { buildPlatform, STACKS, type StackName } from '../../stacks/platform.ts';
import type { EnvironmentName, Settings } from '../../stacks/settings.ts';

/** A stack as Terraform reads it, without cdktf's `//` notes. */
export interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly output?: Readonly<Record<string, Body>>;
  readonly provider?: Readonly<Record<string, Body[]>>;
  readonly terraform: Body;
  readonly [section: string]: unknown;
}
export type Body = Readonly<Record<string, unknown>>;
export type PlatformJson = Readonly<Record<StackName, StackJson>>;

export const SETTINGS: Readonly<Record<EnvironmentName, Settings>> = {
  dev: readEnvironment('dev'),
  staging: readEnvironment('staging'),
  prod: readEnvironment('prod'),
};

/** What a spec may change of the artifacts. */
export type ArtifactChanges = Partial<Artifacts>;

/** Builds and synthesizes all stacks, and reads back what was written. */
export function synthesize(settings: Settings, changes: ArtifactChanges = {}): PlatformJson {
  try {
    return withoutStacks(() => write(settings, changes));
  } catch {
    // Once more, with the places where each value was made: cdktf's messages name them.
    return write(settings, changes);
  }
}

/** cdktf keeps the whole stack of calls of every value, thousands of them, which takes two thirds of the time. */
function withoutStacks<Result>(work: () => Result): Result {
  const { captureStackTrace } = Error;
  Error.captureStackTrace = () => {};
  try {
    return work();
  } finally {
    Error.captureStackTrace = captureStackTrace;
  }
}

function write(settings: Settings, changes: ArtifactChanges): PlatformJson {
  const folder = mkdtempSync(join(tmpdir(), 'synth-'));
  try {
    const outdir = join(folder, 'out');
    const app = new App({ outdir, skipValidation: false });
    buildPlatform(app, settings, { ...fixedArtifacts(folder), ...changes });
    app.synth();
    const stacks = STACKS.map((name) => [name, readStack(join(outdir, 'stacks', name, 'cdk.tf.json'))]);
    return Object.fromEntries(stacks) as PlatformJson;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fixedArtifacts(folder: string): Artifacts {
  const zip = (name: string) => {
    const zipPath = join(folder, `${name}.zip`);
    writeFileSync(zipPath, name);
    return { zipPath, sha256Base64: `(SHA-256 of ${name})` };
  };
  return {
    imageRenditions: zip('image-renditions'),
    kafkaTopics: zip('kafka-topics'),
    databaseRoles: zip('database-roles'),
    analyticsImageTag: 'content-hash',
    flinkJob: [],
  };
}

const readStack = (file: string): StackJson =>
  JSON.parse(readFileSync(file, 'utf8'), (key, value) => (key === '//' ? undefined : value));

const cache = new Map<EnvironmentName, PlatformJson>();
/** Synthesized once for all spec files of a worker. */
export function platformOf(environment: EnvironmentName): PlatformJson {
  let found = cache.get(environment);
  if (!found) {
    found = synthesize(SETTINGS[environment]);
    cache.set(environment, found);
  }
  return found;
}

/** The files of the job, and its connectors as they are locked; their content is of no account here. */
export const FLINK_JOB: Artifacts['flinkJob'] = [
  ...['launcher.py', 'image-bytes.sql'].map((name) => ({
    name,
    path: join(import.meta.dirname, '../../analytics/flink', name),
    sha256: '0'.repeat(64),
  })),
  ...readJarsLock(FLINK_CONNECTORS).jars.map(({ coordinates, sha256 }) => ({
    name: fileNameOf(coordinates),
    path: import.meta.filename,
    sha256,
  })),
];

const withFlink = new Map<EnvironmentName, PlatformJson>();
/** The same with a job of Flink in the place of the worker's counting, and so with its cluster. */
export function flinkPlatformOf(environment: EnvironmentName): PlatformJson {
  let found = withFlink.get(environment);
  if (!found) {
    found = synthesize(flinkSettings(environment), { flinkJob: FLINK_JOB });
    withFlink.set(environment, found);
  }
  return found;
}

export const flinkSettings = (environment: EnvironmentName): Settings => ({
  ...SETTINGS[environment],
  analytics: { engine: 'flink', run: 'r-00000000-0000-4000-8000-000000000000' },
});
