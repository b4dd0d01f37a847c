import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { asStillAvif, isAvif, readHeif } from './heif.ts';
import { makeRenditions } from './pipeline.ts';
import type { ImageFormat } from './plan.ts';
import { type AvifItem, avifFile, avifOf, box, gridOf, itemOf, tagAvif } from './test-avif.ts';
import { type Chunk, type Codes, flat, type Rgb, tagPng, uint16, uint32 } from './test-colours.ts';
import { distance, firstOf, rejectionOf, shown, TOLERANCE } from './test-srgb.ts';

const RED: Rgb = [255, 0, 0];
const BLUE: Rgb = [0, 0, 255];
const SRGB_CODES = [1, 13, 6] as const;
const P3_CODES = [12, 13, 6] as const;

let sequence: Buffer;
let red: AvifItem;
let blue: AvifItem;
let tiff: Buffer;
beforeAll(async () => {
  sequence = await readFile(join(import.meta.dirname, 'fixtures/seq.avif'));
  red = itemOf(await flat(RED).avif({ effort: 0 }).toBuffer());
  blue = itemOf(await flat(BLUE).avif({ effort: 0 }).toBuffer());
  tiff = await animated().then((frames) => frames.tiff().toBuffer());
});
// The codec shuts loaders for the whole process, which the next spec file may share.
afterAll(() => sharp.unblock({ operation: ['VipsForeignLoad'] }));

async function animated() {
  const frames = [await flat(RED).png().toBuffer(), await flat(BLUE).png().toBuffer()];
  return sharp(frames, { join: { animated: true } });
}

/** PNG (third edition) §11.3.6: the picture itself is the first frame, a second one follows. */
async function animatedPng(): Promise<Buffer> {
  const png = await flat(RED).png().toBuffer();
  const other = await flat(BLUE).png().toBuffer();
  const start = other.indexOf('IDAT');
  const pixels = other.subarray(start + 4, start + 4 + other.readUInt32BE(start - 4));
  const control = (index: number): Chunk => ({
    type: 'fcTL',
    data: Buffer.concat([uint32(index, 64, 64, 0, 0), uint16(1, 10), Buffer.of(0, 0)]),
  });
  const end = png.subarray(0, -12);
  const more = tagPng(Buffer.alloc(33), control(1), {
    type: 'fdAT',
    data: Buffer.concat([uint32(2), pixels]),
  }).subarray(33);
  const moving = tagPng(end, { type: 'acTL', data: uint32(2, 0) }, control(0));
  return Buffer.concat([moving, more, png.subarray(-12)]);
}

/** Another major brand, the compatible ones as they are. */
function underBrand(brand: string): Buffer {
  const renamed = Buffer.from(sequence);
  renamed.write(brand, 8, 'latin1');
  return renamed;
}

async function expectRed(format: ImageFormat, bytes: Buffer) {
  expect(distance(await shown(format, bytes), RED)).toBeLessThanOrEqual(TOLERANCE);
}

describe('an animation', () => {
  it('shows its first frame, in each format', async () => {
    await expectRed('avif', sequence);
    await expectRed('gif', await (await animated()).gif().toBuffer());
    await expectRed('webp', await (await animated()).webp({ lossless: true }).toBuffer());
    await expectRed('png', await animatedPng());
  });

  it('is AVIF by any of its brands', async () => {
    for (const brand of ['avif', 'avis', 'mif1', 'msf1', 'miaf', 'iso8'])
      await expectRed('avif', underBrand(brand));
  });

  it('keeps the transparency of its still picture', async () => {
    expect((await sharp(asStillAvif(sequence)).metadata()).hasAlpha).toBe(true);
  });

  it('without a still picture is refused by that name', async () => {
    const noStill = Buffer.from(sequence);
    noStill.write('free', noStill.indexOf('meta'), 'latin1');
    const rejection = await rejectionOf('avif', noStill);
    expect(rejection).toMatchObject({ reason: 'type-not-allowed' });
    expect(rejection?.detail).toMatch(/animation without a still picture/);
  });

  it('of no allowed format is refused by its name', async () => {
    for (const [bytes, words] of [
      [tiff, 'image/tiff'],
      [avifFile({ items: [red], primary: 1, brands: ['heic', 'mif1'] }), 'image/heic'],
      [avifFile({ items: [red], primary: 1, brands: ['hevc', 'msf1'] }), 'image/heic-sequence'],
      [avifFile({ items: [red], primary: 1, brands: ['msf1', 'hevc'] }), 'image/heif-sequence'],
    ] as const) {
      const rejection = await rejectionOf('avif', bytes);
      expect(rejection?.reason).toBe('type-not-allowed');
      expect(rejection?.detail).toContain(words);
    }
    // Only the pixels show AV1 here; the decoder, too, goes by the brand.
    expect(await rejectionOf('avif', avifFile({ items: [red], primary: 1, brands: ['mif1'] }))).toMatchObject(
      {
        reason: 'type-not-allowed',
      },
    );
  });
});

describe('an AVIF file of several pictures', () => {
  it('shows the primary one, wherever it stands', async () => {
    await expectRed('avif', avifFile({ items: [red, blue], primary: 1 }));
    await expectRed('avif', avifFile({ items: [blue, red], primary: 2 }));
  });

  it('is converted by the tag of the primary one', async () => {
    const [plain, wide] = [await avifOf([70, 170, 90], SRGB_CODES), await avifOf([70, 170, 90], P3_CODES)];
    const items = [itemOf(plain), itemOf(wide)];
    expect(await shown('avif', avifFile({ items, primary: 1 }))).toEqual(await shown('avif', plain));
    expect(await shown('avif', avifFile({ items, primary: 2 }))).toEqual(await shown('avif', wide));
    expect(await shown('avif', plain)).not.toEqual(await shown('avif', wide));
  });

  it('made of tiles is converted by their tag', async () => {
    const gridUnder = async (codes: Codes) => {
      const tile = itemOf(await avifOf([70, 170, 90], codes));
      return shown('avif', avifFile({ items: [tile, tile, gridOf([1, 2], 64)], primary: 3 }));
    };
    expect(await gridUnder(P3_CODES)).toEqual(await shown('avif', await avifOf([70, 170, 90], P3_CODES)));
    expect(await gridUnder(P3_CODES)).not.toEqual(await gridUnder(SRGB_CODES));
  });
});

describe('boxes of strangers', () => {
  it('are read as far as they go, when cut off or changed anywhere', async () => {
    const whole = await avifOf([70, 170, 90], P3_CODES);
    for (let length = 0; length < whole.length; length += 7) {
      expect(await makeRenditions({ format: 'avif' }, whole.subarray(0, length))).toHaveProperty('ok', false);
    }
    for (const value of [0, 1, 0x7f, 0xff]) {
      for (let at = 0; at < whole.length; at += 5) {
        const broken = Buffer.from(whole);
        broken.writeUInt8(value, at);
        expect(await makeRenditions({ format: 'avif' }, broken)).toHaveProperty('ok');
      }
    }
  });

  it('are an error when they end before they begin, or never', () => {
    const ftyp = box('ftyp', Buffer.from('avif'), uint32(0));
    expect(() => readHeif(Buffer.concat([ftyp, uint32(7), Buffer.from('meta')]))).toThrow(
      /smaller than its header/,
    );
    const long = Buffer.concat([uint32(1), Buffer.from('meta'), uint32(0, 3)]);
    expect(() => readHeif(Buffer.concat([ftyp, long]))).toThrow(/smaller than its header/);
    expect(() => readHeif(Buffer.concat([ftyp, ...Array(10_001).fill(box('free'))]))).toThrow(/too many/);
    expect(
      readHeif(Buffer.concat([ftyp, uint32(1), Buffer.from('mdat'), uint32(0x7fffffff, 0)])),
    ).toMatchObject({
      hasStill: false,
    });
  });

  it('that name each other in a circle end all the same', () => {
    const item = (madeOf: number): AvifItem => ({ ...red, type: 'grid', madeOf: [madeOf] });
    const circle = avifFile({ items: [item(2), item(1)], primary: 1 });
    expect(readHeif(circle)).toEqual({ hasStill: true, hasSequence: false, codePoints: undefined });
  });

  it('give no codes where none belong to the picture', () => {
    const strange = {
      ...blue,
      properties: itemOf(tagAvif(avifFile({ items: [blue], primary: 1 }), P3_CODES)).properties,
    };
    expect(readHeif(avifFile({ items: [red, strange], primary: 1 })).codePoints).toBeUndefined();
    expect(readHeif(avifFile({ items: [red, strange], primary: 2 })).codePoints).toEqual({
      primaries: 12,
      transfer: 13,
      matrix: 6,
    });
  });

  it('of other kinds are skipped', async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('ftyp'),
      Buffer.from('\0\0\0\x10ftypmp42\0\0\0\0avif'),
      tiff,
    ]) {
      expect(isAvif(bytes)).toBe(false);
      expect(asStillAvif(bytes)).toBe(bytes);
    }
    const still = await avifOf(RED, SRGB_CODES);
    expect(asStillAvif(still)).toBe(still);
    // The caller's bytes are not changed in place: it still has to store or compare them.
    const before = Buffer.from(sequence);
    await firstOf('avif', sequence);
    expect(sequence).toEqual(before);
  });
});
