// Sources and lockfile in; out comes the artifact that Terraform ships: the bundle and its deterministic zip.
import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build, stop } from 'esbuild';
import { sharpFiles } from './build-sharp.ts';
import { type ArchiveFile, zipOf } from './build-zip.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUNDLE_FOLDER = join(ROOT, 'dist/lambda/image-renditions');

/** The zip that Lambda runs; its handler setting is `handler.handler`. */
export const ZIP_PATH = join(ROOT, 'dist/lambda/image-renditions.zip');

/** AWS Lambda quotas: deployment package, unzipped. */
const UNZIPPED_BYTES_MAX = 250 * 1024 * 1024;

export interface Artifact {
  readonly path: string;
  readonly bytes: number;
  readonly unzippedBytes: number;
  /** As Lambda's `source_code_hash` wants it. */
  readonly sha256Base64: string;
}

/** Builds the artifact. The same sources and lockfile give the same bytes, anywhere. */
export async function buildArtifact(zipPath = ZIP_PATH): Promise<Artifact> {
  const files = [...(await bundle()), ...(await sharpFiles(ROOT, join(BUNDLE_FOLDER, 'runtime')))];
  const unzippedBytes = files.reduce((sum, file) => sum + file.content.length, 0);
  if (unzippedBytes > UNZIPPED_BYTES_MAX) {
    throw new Error(`unzipped ${unzippedBytes} bytes, Lambda takes ${UNZIPPED_BYTES_MAX}`);
  }
  const zip = zipOf(files);
  await mkdir(dirname(zipPath), { recursive: true });
  // Renamed into place: who reads meanwhile sees the old zip or the new one, never half of one.
  const partial = `${zipPath}.${process.pid}`;
  await writeFile(partial, zip);
  await rename(partial, zipPath);
  const sha256Base64 = createHash('sha256').update(zip).digest('base64');
  return { path: zipPath, bytes: zip.length, unzippedBytes, sha256Base64 };
}

async function bundle(): Promise<ArchiveFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['lambda/image-renditions/main.ts'],
    outfile: join(BUNDLE_FOLDER, 'handler.mjs'),
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    external: ['sharp'],
    // The CommonJS packages inside call require() for Node's own modules, which an ES module does not have.
    banner: {
      js: "import{createRequire as createRequireOfBundle}from'node:module';const require=createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
  // Its service would outlive the build, and with it whoever waits for this process to end.
  await stop();
  await mkdir(BUNDLE_FOLDER, { recursive: true });
  return Promise.all(
    outputFiles.map(async ({ path, contents }) => {
      await writeFile(path, contents);
      return { path: relative(BUNDLE_FOLDER, path), content: contents };
    }),
  );
}

if (import.meta.main) {
  const artifact = await buildArtifact();
  const shown = { ...artifact, path: relative(ROOT, artifact.path) };
  process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
}
