// The worker's sources and the lockfile in; out comes the context of its image, and a tag that tells all of its content: the
// same sources give the same tag anywhere, so what was tested is what is deployed.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, stop } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
/** The image's build context; `dist/analytics.json` beside it tells the stacks what to deploy, and whether it is stale. */
const CONTEXT_FOLDER = join(ROOT, 'dist/analytics');
const TAG_LENGTH = 16;

export interface ImageArtifact {
  /** SHA-256, hexadecimal, of each file that went in, by its path from the repository's root. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly imageTag: string;
}

/** Builds the context anew, and writes the artifact's record beside it, under the same name with `.json`. */
export async function buildWorker(contextFolder = CONTEXT_FOLDER): Promise<ImageArtifact> {
  await rm(contextFolder, { recursive: true, force: true });
  await mkdir(contextFolder, { recursive: true });
  const bundled = await bundle(contextFolder);
  await cp(join(ROOT, 'analytics/migrations'), join(contextFolder, 'migrations'), { recursive: true });
  await cp(join(ROOT, 'analytics/Dockerfile'), join(contextFolder, 'Dockerfile'));
  const migrations = await filesIn('analytics/migrations');
  const sources = [
    ...bundled,
    ...migrations,
    'analytics/Dockerfile',
    'analytics/build.ts',
    'package-lock.json',
  ];
  const artifact = {
    inputs: await hashesOf(ROOT, sources),
    imageTag: await tagOf(contextFolder),
  };
  await writeFile(`${contextFolder}.json`, `${JSON.stringify(artifact, undefined, 2)}\n`);
  return artifact;
}

/** Returns the sources that went in, but for packages: the lockfile stands for these. */
async function bundle(contextFolder: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['analytics/main.ts'],
    outfile: join(contextFolder, 'worker.mjs'),
    bundle: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: true,
    sourcesContent: false,
    // What the CommonJS packages inside expect of Node, and an ES module does not have.
    banner: {
      js: [
        "import{createRequire as createRequireOfBundle}from'node:module';",
        'const require=createRequireOfBundle(import.meta.url);',
        'const __dirname=import.meta.dirname;const __filename=import.meta.filename;',
      ].join(''),
    },
    logLevel: 'warning',
  });
  // Its service would outlive the build, and with it whoever waits for this process to end.
  await stop();
  return Object.keys(metafile.inputs).filter((path) => !path.startsWith('node_modules/'));
}

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(join(ROOT, folder))).map((name) => `${folder}/${name}`);

async function hashesOf(folder: string, paths: readonly string[]): Promise<Record<string, string>> {
  const entries = paths.toSorted().map(async (path) => {
    const content = await readFile(join(folder, path));
    return [path, createHash('sha256').update(content).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function tagOf(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const relative = paths.map((path) => path.slice(folder.length + 1).replaceAll('\\', '/'));
  const hashes = await hashesOf(folder, relative);
  return createHash('sha256').update(JSON.stringify(hashes)).digest('hex').slice(0, TAG_LENGTH);
}

if (import.meta.main) {
  const { imageTag } = await buildWorker();
  process.stdout.write(`dist/analytics, image tag ${imageTag}\n`);
}
