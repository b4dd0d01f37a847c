// Builds every image once, and some again: what a tag says is only worth something where the same sources give it anywhere.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readImageLock } from '../images.ts';
import { bundle, stopBundler } from './bundle.ts';
import { IMAGE_SOURCES, type ImageSource } from './catalogue.ts';
import { buildContext, type ImageRecord } from './context.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'images-'));
const records = new Map<string, ImageRecord>();
const cart = IMAGE_SOURCES.find(({ name }) => name === 'cart')!;

beforeAll(async () => {
  const built = IMAGE_SOURCES.map(
    async (source) => [source.name, await buildContext(source, folder)] as const,
  );
  for (const [name, record] of await Promise.all(built)) records.set(name, record);
}, 300_000);
afterAll(async () => {
  await stopBundler();
  rmSync(folder, { recursive: true });
});

/** Files of a folder with their bytes and modes, sorted. */
const contentOf = (path: string): [string, string, number][] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((file) => [file.slice(path.length), readFileSync(file, 'base64'), statSync(file).mode & 0o777]);

/** Names in a folder, or the text of a file. */
const shapeOf = (path: string): string | string[] =>
  statSync(path).isDirectory() ? readdirSync(path) : readFileSync(path, 'utf8');

describe('the lock', () => {
  // Whether its tags are those of today's sources is not asked here, or every change of a line would change it: the workflow that
  // builds the images locks them.
  it('has a row for each image, and none for another: npm run build:images -- --lock writes them', () => {
    const ours = Object.entries(readImageLock()).filter(([, row]) => !('repository' in row));
    expect(ours.map(([name]) => name).toSorted()).toEqual([...records.keys()].toSorted());
  });
});

describe('a context', () => {
  it('is the same to the byte and the mode, in any folder and under any umask', async () => {
    const elsewhere = join(folder, 'deeper/down/elsewhere');
    const before = process.umask(0o077);
    try {
      expect(await buildContext(cart, elsewhere)).toEqual(records.get('cart'));
    } finally {
      process.umask(before);
    }
    expect(contentOf(join(elsewhere, 'cart'))).toEqual(contentOf(join(folder, 'cart')));
  });

  it('names no path of the machine that built it', () => {
    for (const { name } of IMAGE_SOURCES)
      for (const [path, content] of contentOf(join(folder, name)))
        expect([name, path, Buffer.from(content, 'base64').includes(ROOT)]).toEqual([name, path, false]);
  });

  it('has what the program reads beside itself, under the names that it reads', () => {
    for (const { name, beside = {} } of IMAGE_SOURCES)
      for (const [inside, from] of Object.entries(beside))
        expect(shapeOf(join(folder, name, 'app', inside))).toEqual(shapeOf(join(ROOT, from)));
  });

  it('lists every file and folder that went in, so that a new migration makes it stale', () => {
    const inputs = Object.keys(records.get('cart')!.inputs);
    expect(inputs).toEqual(
      expect.arrayContaining([
        'services/cart/main.ts',
        'services/cart/migrations',
        'services/cart/migrations/0001-cart.sql',
        'runtime/postgres/service-migrations',
        'k8s/images/Dockerfile',
        'package-lock.json',
      ]),
    );
    expect(inputs.filter((path) => path.includes('node_modules/'))).toEqual([]);
  });

  it('lists the packages of its bundle, which no scanner would find there', () => {
    const { components } = JSON.parse(readFileSync(join(folder, 'cart/app/bundle.cdx.json'), 'utf8')) as {
      components: { purl: string; hashes?: object[] }[];
    };
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const fastify = components.find(({ purl }) => purl === `pkg:npm/fastify@${dependencies.fastify}`);
    expect(fastify?.hashes).toHaveLength(1);
    expect(components.map(({ purl }) => purl)).toContainEqual(
      expect.stringMatching(/^pkg:npm\/%40opentelemetry\/api@/),
    );
    expect(new Set(components.map(({ purl }) => purl)).size).toBe(components.length);
  });
});

describe('the context of the storefront', () => {
  const packagesOf = (name: string): string[] => {
    const { components } = JSON.parse(readFileSync(join(folder, name, 'app/bundle.cdx.json'), 'utf8')) as {
      components: { purl: string }[];
    };
    return components.map(({ purl }) => /^pkg:npm\/(.+)@/.exec(purl)![1]!);
  };

  it('has finished pages, and lists what is bundled in them too', () => {
    const pages = contentOf(join(folder, 'storefront/app/pages')).map(([path]) => path);
    expect(pages).toEqual(
      expect.arrayContaining(['/pages.mjs', expect.stringMatching(/^\/assets\/shop-\w+\.css$/)]),
    );
    expect(packagesOf('storefront')).toContain('preact');
    expect(Object.keys(records.get('storefront')!.inputs)).toEqual(
      expect.arrayContaining(['services/storefront/pages/pages.tsx', 'services/storefront/design/shop.css']),
    );
  });

  it('holds no bundler, and nothing that speaks to a database or a broker', () => {
    const unneeded = ['esbuild', 'pg', 'kafkajs'];
    expect(packagesOf('storefront').filter((name) => unneeded.includes(name))).toEqual([]);
    // Negative control: a service has two of them.
    expect(packagesOf('cart').filter((name) => unneeded.includes(name))).toEqual(['kafkajs', 'pg']);
    expect(readFileSync(join(folder, 'storefront/app/main.mjs'), 'utf8')).not.toContain(
      'node_modules/esbuild/',
    );
  });
});

describe('another content', () => {
  const small = {
    name: 'probe',
    description: 'A probe',
    registry: 'laptop',
    entry: 'contracts/shutdown.ts',
  } as const;
  const probe = (extra: Partial<ImageSource>): ImageSource => ({ ...small, ...extra });
  const tagOf = async (extra: Partial<ImageSource>): Promise<string> =>
    (await buildContext(probe(extra), join(folder, 'probes'))).imageTag;

  it('has another tag: a label, a program, a folder beside it, a native package', async () => {
    const tags = [
      await tagOf({}),
      await tagOf({ description: 'Another' }),
      await tagOf({ entry: 'contracts/topic.ts' }),
      await tagOf({ beside: { more: 'contracts/schemas' } }),
      await tagOf({ packages: ['sharp'] }),
    ];
    expect(new Set(tags).size).toBe(tags.length);
  });

  it('may be described by any text: it stays text', async () => {
    await buildContext(probe({ description: 'A "part" of $HOME' }), join(folder, 'described'));
    expect(readFileSync(join(folder, 'described/probe/Dockerfile'), 'utf8')).toContain(
      'LABEL org.opencontainers.image.description="A \\"part\\" of \\$HOME"\n',
    );
  });

  it('with native packages has their part of the lockfile for both processors, and asks the recipe for it', async () => {
    await buildContext(probe({ packages: ['sharp'] }), join(folder, 'native'));
    const context = join(folder, 'native/probe');
    expect(readFileSync(join(context, 'Dockerfile'), 'utf8')).toMatch(/^ARG PACKAGES=native-packages$/m);
    for (const [processor, cpu] of [
      ['amd64', 'x64'],
      ['arm64', 'arm64'],
    ]) {
      const { packages } = JSON.parse(
        readFileSync(join(context, `packages/${processor}/package-lock.json`), 'utf8'),
      ) as { packages: Record<string, { integrity?: string }> };
      expect(Object.keys(packages)).toContain(`node_modules/@img/sharp-linux-${cpu}`);
      expect(Object.keys(packages).filter((path) => /darwin|win32|musl|wasm/.test(path))).toEqual([]);
      const unsealed = Object.entries(packages).filter(([path, { integrity }]) => path && !integrity);
      expect(unsealed).toEqual([]);
    }
  });

  it('is refused where a second program would start inside of the bundle', async () => {
    const root = join(folder, 'two-programs');
    mkdirSync(root);
    writeFileSync(join(root, 'other.ts'), 'export const one = 1; if (import.meta.main) console.log(one);');
    writeFileSync(join(root, 'entry.ts'), "import { one } from './other.ts'; console.log(one);");
    const build = (entry: string) => bundle(root, probe({ entry }));
    await expect(build('entry.ts')).rejects.toThrow(/entry\.ts imports other\.ts, which is a program too/);
    expect((await build('other.ts')).inputs).toEqual(['other.ts']);
  });
});
