// A program in, one file for Node out, with its source map.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, stop } from 'esbuild';
import type { ImageSource } from './catalogue.ts';

export interface Bundle {
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[];
  /** Every file that went in, from the repository's root, packages' included. */
  readonly inputs: readonly string[];
}

/** The bundler is a process that outlives its builds: the caller must stop it, or never ends itself. */
export const stopBundler = stop;

/** @throws Error where the bundle would start more than its program */
export async function bundle(root: string, { name, entry, packages = [] }: ImageSource): Promise<Bundle> {
  const outfile = join(root, 'dist/images', name, 'app/main.mjs');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    // Nothing is written there: the source map has paths from it, which must be the same wherever the context is written.
    outfile,
    write: false,
    bundle: true,
    // A checkout may share the packages of another one; their names in the bundle are still those of the lockfile.
    preserveSymlinks: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: true,
    sourcesContent: false,
    external: [...packages],
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
  const inputs = Object.keys(metafile.inputs);
  await refuseOtherPrograms(root, entry, inputs);
  const folder = join(outfile, '..');
  const files = outputFiles.map(({ path, contents }) => ({
    path: path.slice(folder.length + 1),
    content: contents,
  }));
  return { files, inputs };
}

/** In a bundle every module is the main one: what says `if (import.meta.main) start()` would start together with the program. */
async function refuseOtherPrograms(root: string, entry: string, inputs: readonly string[]): Promise<void> {
  for (const path of inputs.filter((one) => one !== entry && !one.includes('node_modules/'))) {
    const source = await readFile(join(root, path), 'utf8');
    if (source.includes('import.meta.main'))
      throw new Error(`${entry} imports ${path}, which is a program too and would start in its bundle`);
  }
}
