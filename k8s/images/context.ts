// An image's sources and the lockfile in; out comes its build context, and a tag made of all of its content: the same sources give
// the same tag anywhere, so what was tested is what runs.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Lock, lockedPackages } from '../../lambda/build-packages.ts';
import { bundle } from './bundle.ts';
import type { ImageSource } from './catalogue.ts';
import { bundledPackages, cycloneDx } from './contents.ts';

const execute = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
/** A context for each image; `<name>.json` beside it says what went in, and so whether it is stale. */
export const CONTEXTS_FOLDER = join(ROOT, 'dist/images');
const RECIPE = 'k8s/images/Dockerfile';
/** Change what is in every image. */
const BUILDERS = [
  'k8s/images/bundle.ts',
  'k8s/images/catalogue.ts',
  'k8s/images/contents.ts',
  'k8s/images/context.ts',
  'lambda/build-packages.ts',
  // The targets of `#runtime/` and `#contracts/`, and the settings of the compiler, which the bundler reads too.
  'package.json',
  'tsconfig.json',
];
const TAG_LENGTH = 16;
/** As Docker names processors, and as npm does. */
const PROCESSORS = { amd64: 'x64', arm64: 'arm64' } as const;

export interface ImageRecord {
  /** SHA-256, hexadecimal, of each file and folder that went in, by its path from the repository's root; the lockfile represents packages. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly imageTag: string;
}

/** Builds the context from scratch as `<folder>/<name>`, and writes its record beside it. */
export async function buildContext(source: ImageSource, folder = CONTEXTS_FOLDER): Promise<ImageRecord> {
  const context = join(folder, source.name);
  await rm(context, { recursive: true, force: true });
  const made = await putMade(context, source);
  const bundled = await putProgram(context, source, made);
  for (const [name, from] of Object.entries(source.beside ?? {}))
    await cp(join(ROOT, from), join(context, 'app', name), { recursive: true });
  await put(context, 'Dockerfile', await dockerfileOf(source));
  await sameModes(context);
  const record = { inputs: await inputsOf(source, bundled), imageTag: await tagOf(context) };
  await put(folder, `${source.name}.json`, `${JSON.stringify(record, undefined, 2)}\n`);
  return record;
}

/** Returns what went in. Each is made by a separate process, because the bundler of one must not end that of another. */
async function putMade(context: string, { made = {} }: ImageSource): Promise<readonly string[]> {
  const inputs: string[] = [];
  for (const [name, program] of Object.entries(made)) {
    const { stdout } = await execute(process.execPath, [program], { cwd: ROOT });
    const folder = stdout.trim();
    inputs.push(...(JSON.parse(await readFile(join(folder, 'inputs.json'), 'utf8')) as string[]));
    await cp(folder, join(context, 'app', name), { recursive: true });
  }
  return inputs;
}

/** Returns what went in, with what the folders beside it were made of. */
async function putProgram(
  context: string,
  source: ImageSource,
  made: readonly string[],
): Promise<readonly string[]> {
  const { files, inputs: own } = await bundle(ROOT, source);
  const inputs = [...own, ...made];
  for (const { path, content } of files) await put(context, join('app', path), content);
  const lock = await readLock();
  await put(context, 'app/bundle.cdx.json', cycloneDx(source, bundledPackages(lock, inputs)));
  await putPackages(context, source, lock);
  return inputs;
}

async function put(folder: string, path: string, content: string | Uint8Array): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const readLock = async (): Promise<Lock> =>
  (JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Lock }).packages;

const recipeOf = ({ recipe = RECIPE }: ImageSource): string => recipe;

/** The recipe, with what is this image's own: no time and no commit, or one content would be many images. */
async function dockerfileOf(source: ImageSource): Promise<string> {
  const { name, description, packages = [] } = source;
  const recipe = await readFile(join(ROOT, recipeOf(source)), 'utf8');
  const chosen = packages.length > 0 ? recipe.replace(/^(ARG PACKAGES)=.*/m, '$1=native-packages') : recipe;
  // In a Dockerfile a dollar begins a variable, in quotes too.
  const quoted = (text: string) => JSON.stringify(text).replaceAll('$', '\\$');
  const label = (key: string, value: string) => `LABEL org.opencontainers.image.${key}=${quoted(value)}\n`;
  return `${chosen}${label('title', name)}${label('description', description)}${label('licenses', 'Apache-2.0')}`;
}

async function putPackages(context: string, { packages = [] }: ImageSource, lock: Lock): Promise<void> {
  if (packages.length === 0) return;
  for (const [processor, cpu] of Object.entries(PROCESSORS)) {
    const { files } = lockedPackages(lock, packages, cpu);
    for (const [name, content] of Object.entries(files))
      await put(context, `packages/${processor}/${name}`, content);
  }
}

/** Docker copies modes, and a checkout has those of its owner's `umask`. */
async function sameModes(context: string): Promise<void> {
  const entries = await readdir(context, { recursive: true, withFileTypes: true });
  for (const entry of entries)
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  await chmod(context, 0o755);
}

async function inputsOf(source: ImageSource, bundled: readonly string[]): Promise<Record<string, string>> {
  const beside = await Promise.all(Object.values(source.beside ?? {}).map(pathsOf));
  const sources = bundled.filter((path) => !isPackage(path));
  const others = [recipeOf(source), ...BUILDERS, 'package-lock.json'];
  return hashesOf(ROOT, [...new Set([...sources, ...beside.flat(), ...others])]);
}

/** Of a folder, itself and what is in it. */
async function pathsOf(from: string): Promise<string[]> {
  if ((await stat(join(ROOT, from))).isFile()) return [from];
  return [from, ...(await filesIn(join(ROOT, from))).map((path) => `${from}/${path}`)];
}

const isPackage = (path: string): boolean => /(^|\/)node_modules\//.test(path);

async function tagOf(context: string): Promise<string> {
  const hashes = await hashesOf(context, await filesIn(context));
  return createHash('sha256').update(JSON.stringify(hashes)).digest('hex').slice(0, TAG_LENGTH);
}

/** From the folder, with forward slashes. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
}

async function hashesOf(folder: string, paths: readonly string[]): Promise<Record<string, string>> {
  const entries = paths.toSorted().map(async (path) => [path, await sha256Of(join(folder, path))] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Of a folder, the names in it: a file that comes or goes changes what is built. */
async function sha256Of(path: string): Promise<string> {
  const isFolder = (await stat(path)).isDirectory();
  const content = isFolder ? (await readdir(path)).toSorted().join('\n') : await readFile(path);
  return createHash('sha256').update(content).digest('hex');
}
