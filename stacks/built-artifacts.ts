// The artifacts as they are in `dist/`, built from the very sources of this checkout: a stale or missing one is built first.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Artifacts, FlinkFile, LambdaArtifact } from './artifacts.ts';

/** The checkout. */
const ROOT = join(import.meta.dirname, '..');

/** What a build writes beside its artifact: the hashes of everything that went in. */
const inputs = z.record(z.string(), z.string());
const lambdaRecord = z.object({ inputs, sha256Base64: z.string() });
const imageRecord = z.object({ inputs, imageTag: z.string() });

const jarsRecord = z.object({ inputs, jars: z.array(z.object({ name: z.string(), sha256: z.string() })) });

const CONNECTORS_BUILD = 'local/jars/stage-connectors.cli.ts';
const IMAGE_BUILD = 'k8s/images/build.cli.ts --only analytics';

export interface BuildOptions {
  /** Whether a job of Flink is wanted: 30 MB of jars come only then. */
  readonly hasFlinkJob: boolean;
  /** @default this checkout */
  readonly root?: string;
}

/** Reads all artifacts; `onBuild` is called before each build, with the program and its arguments. */
export function builtArtifacts(
  onBuild: (program: string) => void,
  { hasFlinkJob, root = ROOT }: BuildOptions,
): Artifacts {
  const record = <Shape extends z.ZodObject<{ inputs: typeof inputs }>>(
    path: string,
    shape: Shape,
    build: string,
  ): z.infer<Shape> => {
    const found = freshRecord(root, path, shape);
    if (found) return found;
    onBuild(build);
    runBuild(root, build);
    const built = freshRecord(root, path, shape);
    if (!built) throw new Error(`${build} did not write a fresh ${path}`);
    return built;
  };
  const lambda = (name: string): LambdaArtifact => ({
    zipPath: join(root, `dist/lambda/${name}.zip`),
    sha256Base64: record(`dist/lambda/${name}.json`, lambdaRecord, `lambda/${name}/build.ts`).sha256Base64,
  });
  const connectors = (): FlinkFile[] =>
    record('dist/flink-connectors.json', jarsRecord, CONNECTORS_BUILD).jars.map(({ name, sha256 }) => ({
      name,
      path: join(root, 'dist/flink-connectors', name),
      sha256,
    }));
  return {
    imageRenditions: lambda('image-renditions'),
    kafkaTopics: lambda('kafka-topics'),
    databaseRoles: lambda('database-roles'),
    analyticsImageTag: record('dist/images/analytics.json', imageRecord, IMAGE_BUILD).imageTag,
    flinkJob: hasFlinkJob ? [...flinkFiles(join(root, 'analytics/flink')), ...connectors()] : [],
  };
}

/** Undefined when there is none, or a source has changed since. */
function freshRecord<Shape extends z.ZodObject<{ inputs: typeof inputs }>>(
  root: string,
  path: string,
  shape: Shape,
): z.infer<Shape> | undefined {
  const file = join(root, path);
  if (!existsSync(file)) return undefined;
  const found = shape.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!found.success) return undefined;
  return isFresh(root, found.data.inputs) ? found.data : undefined;
}

/** Whether files and folders, by their paths from the root, are still those of a record. */
export const isFresh = (root: string, hashes: Readonly<Record<string, string>>): boolean =>
  Object.entries(hashes).every(
    ([source, sha256]) => existsSync(join(root, source)) && sha256Of(join(root, source)) === sha256,
  );

/** In a separate process, so that the stacks do not load the bundler. Its report goes to stderr, not into the stacks' output. */
function runBuild(root: string, build: string): void {
  const { status, stderr } = spawnSync(process.execPath, build.split(' '), { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${build} failed:\n${stderr}`);
}

/** The launcher and the SQL. */
function flinkFiles(folder: string): FlinkFile[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .filter(({ name }) => /\.(py|sql)$/.test(name))
    .map(({ name }) => ({
      name,
      path: join(folder, name),
      sha256: sha256Of(join(folder, name)),
    }));
}

/** Of a folder, the names in it: builds that read all of one say so. */
function sha256Of(path: string): string {
  const isFolder = statSync(path).isDirectory();
  const content = isFolder ? readdirSync(path).toSorted().join('\n') : readFileSync(path);
  return createHash('sha256').update(content).digest('hex');
}
