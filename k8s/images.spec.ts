import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { IMAGE_SOURCES } from './images/catalogue.ts';
import { lockText } from './images/lock.ts';
import { type ImageLock, imageOf, LOCK_FILE, readImageLock, registryOf } from './images.ts';
import { type Overlay, readOverlays } from './overlays.ts';
import { partsOf } from './parts.ts';
import { filesOf } from './write.ts';

const DIGEST = `sha256:${'5'.repeat(64)}`;
const TAG = '0123456789abcdef';
const lock = readImageLock();
const overlays = readOverlays();
const [local, dev] = [overlays[0]!, overlays[1]!];

const folder = mkdtempSync(join(tmpdir(), 'image-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every text under a key `image`, however deep: also in custom kinds that make pods. */
function imagesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'image' && typeof inner === 'string' ? [inner] : imagesIn(inner),
  );
}

const imagesOf = (overlay: Overlay): string[] =>
  [...filesOf(overlay.name, partsOf(overlay)).values()].flatMap((yaml) => imagesIn(parse(yaml)));

/** Images that the lock does not give to a container of the overlay. */
function strangers(overlay: Overlay, images: readonly string[]): string[] {
  const known = new Set(Object.keys(lock).map((name) => imageOf(overlay, name, lock)));
  return images.filter((image) => !known.has(image));
}

describe('the lock of images', () => {
  it('is written as our own command writes it', () => {
    expect(readFileSync(LOCK_FILE, 'utf8')).toBe(lockText(lock));
  });

  it('has a row for every image that we build, and for no other of ours', () => {
    const ours = Object.entries(lock).filter(([, row]) => !('repository' in row));
    expect(ours.map(([name]) => name)).toEqual(IMAGE_SOURCES.map(({ name }) => name));
  });

  it.each(overlays)('has every image that a manifest of $name names', (overlay) => {
    const images = imagesOf(overlay);
    expect(images.length).toBeGreaterThanOrEqual(6);
    expect(strangers(overlay, images)).toEqual([]);
  });

  it('gives every image of others a digest, or says why not', () => {
    const without = Object.entries(lock).filter(
      ([, row]) => 'repository' in row && !row.digest && !/no digest/.test(row.source),
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });
});

describe('negative control: the lock', () => {
  it('reports an image that was written by hand, an image of another overlay and one without its digest', () => {
    const ours = imageOf(dev, 'cart', lock);
    expect(strangers(local, ['docker.io/library/busybox:1.37', ours])).toEqual([
      'docker.io/library/busybox:1.37',
      ours,
    ]);
    expect(strangers(dev, [ours])).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['a digest that is none', { tag: TAG, pushed: { tag: TAG, digest: 'sha256:abc' } }, /64 hexadecimal/],
    ['a tag that no content gave', { tag: 'latest' }, /16 hexadecimal/],
    ['an unknown field', { tag: TAG, digest: DIGEST }, /cart/],
    [
      'a repository without a registry',
      { repository: 'nginx', tag: '1.2.3', source: '2026-11-28' },
      /registry/,
    ],
    ['a moving tag', { repository: 'docker.io/nginx', tag: 'latest', source: '2026-11-28' }, /exact version/],
    [
      'no source',
      { repository: 'docker.io/nginx', tag: '1.2.3', source: 'somewhere' },
      /source with its date/,
    ],
  ])('refuses %s', (_fault, row, message) => {
    const file = join(folder, 'lock.json');
    writeFileSync(file, JSON.stringify({ cart: row }));
    expect(() => readImageLock(file)).toThrow(message);
  });
});

describe('an image of ours', () => {
  const pushed: ImageLock = { cart: { tag: TAG, pushed: { tag: 'fedcba9876543210', digest: DIGEST } } };

  it('is on a laptop what the sources give, from nowhere else', () => {
    expect(imageOf(local, 'cart', pushed)).toBe(`shop.local/cart:${TAG}`);
  });

  it('is on AWS what was pushed, by digest, also when the sources have gone on', () => {
    expect(imageOf(dev, 'cart', pushed)).toBe(
      `111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop-dev/cart:fedcba9876543210@${DIGEST}`,
    );
  });

  it('is on AWS named by its tag before anything was pushed', () => {
    expect(imageOf(dev, 'cart', { cart: { tag: TAG } })).toMatch(new RegExp(`/shop-dev/cart:${TAG}$`));
  });

  it('is not looked up where every object has something', () => {
    expect(() => imageOf(local, 'constructor', pushed)).toThrow(/no image constructor/);
  });

  it('of a laptop’s cluster has no registry in any cloud', () => {
    expect(() => registryOf(dev, 'laptop')).toThrow(/not pushed to aws-dev/);
  });
});

describe('an image of others', () => {
  it('is the same everywhere, by tag for people and by digest for the cluster', () => {
    const theirs: ImageLock = {
      kafka: { repository: 'docker.io/apache/kafka', tag: '4.1.2', digest: DIGEST, source: '2026-11-28' },
    };
    for (const overlay of overlays)
      expect(imageOf(overlay, 'kafka', theirs)).toBe(`docker.io/apache/kafka:4.1.2@${DIGEST}`);
  });
});
