// The page's own files and the chart library's, from a fixed list: no path of a request ever reaches the file system.
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';

const PAGE_FOLDER = new URL('./page/', import.meta.url);
const VENDOR_FILES = ['uplot/dist/uPlot.esm.js', 'uplot/dist/uPlot.min.css'];
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map<string, string>(
  Object.entries({
    '.html': 'text/html; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.svg': 'image/svg+xml',
  }),
);

/** Serves `/`, `/page/<file>` and `/vendor/<package file>`. */
export async function usePage(app: FastifyInstance): Promise<void> {
  for (const name of await readdir(PAGE_FOLDER)) {
    // Specs lie there too and are nobody's business.
    if (!CONTENT_TYPES.has(extname(name))) continue;
    const url = name === 'index.html' ? '/' : `/page/${name}`;
    app.get(url, () => fileResponse(new URL(name, PAGE_FOLDER), name));
  }
  const { resolve } = createRequire(import.meta.url);
  for (const name of VENDOR_FILES) {
    app.get(`/vendor/${name}`, () => fileResponse(resolve(name), name));
  }
}

async function fileResponse(file: URL | string, name: string): Promise<Response> {
  const type = CONTENT_TYPES.get(extname(name)) ?? 'application/octet-stream';
  return new Response(await readFile(file), { headers: { 'content-type': type } });
}
