// Sources of pages in, a folder out: the renderer for the server, and scripts and styles for browsers, named by their content
// and compressed. The folder is named by all sources, so an unchanged one is found and not built again.
// Use: `node services/storefront/build.ts` prints the folder.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../..');
const CACHE = join(ROOT, '.cache/storefront');

/** Where each asset is, by the name that pages use. */
export interface Assets {
  readonly script: string;
  readonly style: string;
}

/** Builds what is not there yet; returns the folder. Two builds at once give the same folder. */
export async function buildPages(): Promise<string> {
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

async function sourcesHash(): Promise<string> {
  const files: string[] = [];
  for await (const file of glob('{pages,client,design}/**', { cwd: HERE }))
    if (/\.\w+$/.test(file)) files.push(file);
  const hash = createHash('sha256');
  for (const file of [
    ...files.toSorted().map((name) => join(HERE, name)),
    import.meta.filename,
    join(ROOT, 'package-lock.json'),
  ])
    hash
      .update(file.slice(ROOT.length))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  return hash.digest('hex').slice(0, 20);
}

async function writePages(folder: string): Promise<void> {
  // Only a build needs the bundler: a finished folder is served without it.
  const { build } = await import('esbuild');
  const shared = {
    bundle: true,
    write: false,
    minify: true,
    absWorkingDir: HERE,
    legalComments: 'none',
  } as const;
  const browser = await build({
    ...shared,
    entryPoints: { app: 'client/app.ts', shop: 'design/shop.css' },
    outdir: 'assets',
    format: 'esm',
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    entryNames: '[name]-[hash]',
  });
  await mkdir(join(folder, 'assets'), { recursive: true });
  const names = browser.outputFiles.map(({ path }) => path.split('/').at(-1)!);
  for (const [index, { contents }] of browser.outputFiles.entries()) {
    const file = join(folder, 'assets', names[index]!);
    await writeFile(file, contents);
    await writeFile(
      `${file}.br`,
      brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    );
    await writeFile(`${file}.gz`, gzipSync(contents, { level: 9 }));
  }
  const assets: Assets = {
    script: `/assets/${names.find((name) => name.endsWith('.js'))}`,
    style: `/assets/${names.find((name) => name.endsWith('.css'))}`,
  };
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
}

if (import.meta.main) process.stdout.write(`${await buildPages()}\n`);
