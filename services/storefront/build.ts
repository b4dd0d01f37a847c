// Sources of pages in, a folder out: the renderer for the server, and scripts and styles for browsers, named by their content
// and compressed. The folder is named by all sources, so what is unchanged is found and not built again.
// Use: `node services/storefront/build.ts` prints the folder.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../..');
/** Beside the pages: what they were made of, packages included, from the root of the repository. The image's list of packages needs it. */
const INPUTS_FILE = 'inputs.json';
const CACHE = join(ROOT, '.cache/storefront');

/** What browsers get: each becomes `<out>-<hash>.js` or `.css`. Pages know them by `ASSETS` (pages/frame.tsx). */
const BROWSER_ENTRIES = [
  { in: 'pages/browser.ts', out: 'app' },
  { in: 'design/shop.css', out: 'shop' },
  { in: 'pages/platform/browser.ts', out: 'platform' },
  { in: 'design/platform.css', out: 'platform' },
  { in: 'pages/seller/browser.ts', out: 'seller' },
  { in: 'design/seller.css', out: 'seller' },
  { in: 'pages/card/browser.ts', out: 'card' },
  { in: 'design/card.css', out: 'card' },
];

let running: Promise<string> | undefined;

/** Builds what is not there yet; returns the folder. Builds at the same time, also of other processes, give the same folder. */
export function buildPages(): Promise<string> {
  // One at a time in a process: the end of one ends the bundler of all.
  running ??= buildOnce().finally(() => {
    running = undefined;
  });
  return running;
}

async function buildOnce(): Promise<string> {
  const folder = join(CACHE, await sourcesHash());
  if (existsSync(folder)) return folder;
  const made = `${folder}.${randomUUID()}`;
  try {
    await writePages(made);
    await rename(made, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return folder;
}

/** Of all that the pages are made of: our files by their content, packages by the lockfile. */
async function sourcesHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [...(await sources()), 'package-lock.json'])
    hash
      .update(file)
      .update('\0')
      .update(await readFile(join(ROOT, file)))
      .update('\0');
  return hash.digest('hex').slice(0, 20);
}

async function sources(): Promise<string[]> {
  const pattern = '{services/storefront/{build.ts,{pages,design}/**/*.*},contracts/*.ts}';
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: ROOT })) files.push(file.replaceAll('\\', '/'));
  return files.toSorted();
}

/** What no file holds, such as values of `define`, is in build.ts itself. */
const isFile = (input: string): boolean => !input.startsWith('<');
const fromRoot = (input: string): string => relative(ROOT, join(HERE, input)).replaceAll('\\', '/');

/** @throws Error when a bundle holds a file of ours that the hash does not know: a change of it would not be built */
export async function assertHashed(inputs: readonly string[]): Promise<void> {
  const known = new Set(await sources());
  const unknown = inputs
    .filter(isFile)
    .map(fromRoot)
    .filter((input) => !input.includes('node_modules/') && !known.has(input));
  if (unknown.length > 0) throw new Error(`build.ts must hash what pages import: ${unknown.join(', ')}`);
}

async function writePages(folder: string): Promise<void> {
  // Only a build needs the bundler: a finished folder is served without it.
  const { build, stop } = await import('esbuild');
  const shared = {
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    // A checkout may share the packages of another one; its inputs still have the names of the lockfile.
    preserveSymlinks: true,
    absWorkingDir: HERE,
    legalComments: 'none',
  } as const;
  const browser = await build({
    ...shared,
    entryPoints: BROWSER_ENTRIES,
    outdir: 'assets',
    format: 'esm',
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    entryNames: '[name]-[hash]',
  });
  const assets = addressesOf(await writeAssets(join(folder, 'assets'), browser.outputFiles));
  const server = await build({
    ...shared,
    entryPoints: ['pages/pages.tsx'],
    format: 'esm',
    platform: 'node',
    target: 'node24',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { ASSETS: JSON.stringify(assets) },
  });
  await writeFile(join(folder, 'pages.mjs'), server.outputFiles[0]!.contents);
  const inputs = [browser, server].flatMap(({ metafile }) => Object.keys(metafile.inputs));
  await assertHashed(inputs);
  const paths = [...inputs.filter(isFile).map(fromRoot), 'services/storefront/build.ts'];
  await writeFile(join(folder, INPUTS_FILE), JSON.stringify([...new Set(paths)].toSorted()));
  // Its process would stay as long as this one.
  await stop();
}

/** `{ app: { js: '/assets/app-1A2B3C4D.js' } }`. */
function addressesOf(names: readonly string[]): Record<string, Record<string, string>> {
  const addresses = new Map<string, Record<string, string>>();
  for (const name of names) {
    const [, out = '', kind = ''] = /^(.+)-[^-]+\.(js|css)$/.exec(name) ?? [];
    addresses.set(out, { ...addresses.get(out), [kind]: `/assets/${name}` });
  }
  return Object.fromEntries(addresses);
}

/** Each file plain and compressed; returns their names. */
async function writeAssets(
  folder: string,
  files: readonly { readonly path: string; readonly contents: Uint8Array }[],
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  for (const { path, contents } of files) {
    const file = join(folder, basename(path));
    await writeFile(file, contents);
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    await writeFile(`${file}.br`, brotliCompressSync(contents, { params }));
    await writeFile(`${file}.gz`, gzipSync(contents, { level: 9 }));
  }
  return files.map(({ path }) => basename(path));
}

if (import.meta.main) process.stdout.write(`${await buildPages()}\n`);
