// A function's sources and the lockfile in; out comes what Terraform ships: the bundle in a deterministic zip, and beside it
// a list of everything that went in, by which a stale zip is recognised.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import * as esbuild from 'esbuild';
import {
  type Artifact,
  type ArtifactRecord,
  freshArtifact,
  hashesOf,
  recordPathOf,
  sha256Base64Of,
} from './build-record.ts';
import { type ArchiveFile, zipOf } from './build-zip.ts';

const ROOT = join(import.meta.dirname, '..');
const OUTPUT_FOLDER = join(ROOT, 'dist/lambda');

/** AWS Lambda quotas: deployment package, unzipped. */
const UNZIPPED_BYTES_MAX = 250 * 1024 * 1024;
/** As an argument of a build: what is there is not looked at. */
const ANEW = '--anew';
/** The handler setting of every function: the export `handler` of `handler.mjs`. */
const BUNDLE_FILE = 'handler.mjs';

/** What is special about a function. */
export interface FunctionSource {
  /** Of its folder under `lambda/`, whose `main.ts` is bundled, and of the zip. */
  readonly name: string;
  /** Its own files that take part in the build, from the repository's root. */
  readonly buildFiles: readonly string[];
  /** Packages that stay outside the bundle. @default none */
  readonly external?: readonly string[];
  /** The files of those packages. @default none */
  readonly packageFiles?: (rootFolder: string, scratchFolder: string) => Promise<ArchiveFile[]>;
}

/** The zip of a function; its handler setting is `handler.handler`. */
export const zipPathOf = (name: string): string => join(OUTPUT_FOLDER, `${name}.zip`);

/**
 * The artifact at this path: one that was built of these very sources and lockfile is kept, for they give the same bytes anywhere.
 * `isAnew` builds it in any case.
 */
export async function buildFunction(
  source: FunctionSource,
  zipPath: string,
  isAnew = process.argv.includes(ANEW),
): Promise<Artifact> {
  return (isAnew ? undefined : await freshArtifact(ROOT, zipPath)) ?? build(source, zipPath);
}

async function build(source: FunctionSource, zipPath: string): Promise<Artifact> {
  const { packageFiles, buildFiles } = source;
  const { files: bundled, metafile } = await bundle(source);
  const scratchFolder = join(OUTPUT_FOLDER, source.name, 'runtime');
  const files = [...bundled, ...((await packageFiles?.(ROOT, scratchFolder)) ?? [])];
  const unzippedBytes = files.reduce((sum, file) => sum + file.content.length, 0);
  if (unzippedBytes > UNZIPPED_BYTES_MAX) {
    throw new Error(`unzipped ${unzippedBytes} bytes, Lambda takes ${UNZIPPED_BYTES_MAX}`);
  }
  const zip = zipOf(files);
  const sha256Base64 = sha256Base64Of(zip);
  const inputs = await hashesOf(ROOT, inputPaths(metafile, buildFiles));
  await replaceFile(zipPath, zip);
  const record = { inputs, sha256Base64, unzippedBytes } satisfies ArtifactRecord;
  await replaceFile(recordPathOf(zipPath), `${JSON.stringify(record, undefined, 2)}\n`);
  return { path: zipPath, bytes: zip.length, unzippedBytes, sha256Base64 };
}

/** For a person or a test that runs a build: the artifact as JSON on the standard output. */
export function printArtifact(artifact: Artifact): void {
  const shown = { ...artifact, path: relative(ROOT, artifact.path) };
  process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
}

async function bundle({ name, external = [] }: FunctionSource): Promise<{
  files: ArchiveFile[];
  metafile: esbuild.Metafile;
}> {
  const folder = join(OUTPUT_FOLDER, name);
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [`lambda/${name}/main.ts`],
    outfile: join(folder, BUNDLE_FILE),
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    external: [...external],
    // The CommonJS packages inside call require() for Node's own modules, which an ES module does not have.
    banner: {
      js: "import{createRequire as createRequireOfBundle}from'node:module';const require=createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
  // Its service would outlive the build, and this process would not end.
  await esbuild.stop();
  await mkdir(folder, { recursive: true });
  const files = outputFiles.map(async ({ path, contents }) => {
    await writeFile(path, contents);
    return { path: relative(folder, path), content: contents };
  });
  return { files: await Promise.all(files), metafile };
}

/** The lockfile represents what is in `node_modules`. */
const inputPaths = ({ inputs }: esbuild.Metafile, buildFiles: readonly string[]): string[] =>
  [
    ...Object.keys(inputs).filter((path) => !/(^|\/)node_modules\//.test(path)),
    'lambda/build-function.ts',
    'lambda/build-record.ts',
    'lambda/build-zip.ts',
    ...buildFiles,
    // The targets of `#runtime/` and `#contracts/`, and the settings of the compiler, which the bundler reads too.
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ].toSorted();

/** Renamed into place: a concurrent reader sees the old file or the new one, never half of one. */
async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, content);
  await rename(partial, path);
}
