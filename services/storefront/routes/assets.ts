// Scripts and styles, from memory: no path of a request reaches the file system. Their names are digests of their content, so that browsers keep them.
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
]);

export async function useAssets(app: FastifyInstance, folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const type = TYPES.get(extname(name));
    if (!type) continue;
    const [plain, br, gz] = await Promise.all(
      ['', '.br', '.gz'].map((ending) => readFile(join(folder, name + ending))),
    );
    app.get(`/assets/${name}`, ({ headers }, reply) => {
      const accepted = headers['accept-encoding'] ?? '';
      const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
      if (encoding) reply.header('content-encoding', encoding);
      const body = encoding === 'br' ? br : encoding === 'gzip' ? gz : plain;
      return reply
        .headers({
          'cache-control': 'public, max-age=31536000, immutable',
          vary: 'accept-encoding',
          'x-content-type-options': 'nosniff',
        })
        .type(type)
        .send(body);
    });
  }
}
