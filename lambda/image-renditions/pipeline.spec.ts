import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { EncodedRendition } from './codec.ts';
import { makeRenditions } from './pipeline.ts';
import type { ImageFormat } from './plan.ts';
import {
  animatedGif,
  bombPng,
  jpegPhoto,
  phoneJpeg,
  photo,
  scriptSvg,
  transparentPng,
} from './test-photos.ts';

// The codec shuts loaders for the whole process, which the next spec file may share.
afterAll(() => sharp.unblock({ operation: ['VipsForeignLoad'] }));

async function renditionsOf(format: ImageFormat, bytes: Buffer): Promise<readonly EncodedRendition[]> {
  const result = await makeRenditions({ format }, bytes);
  if (!result.ok) throw new Error(`${result.rejection.reason}: ${result.rejection.detail}`);
  return result.renditions;
}
const refusalOf = async (format: ImageFormat, bytes: Buffer) => {
  const result = await makeRenditions({ format }, bytes);
  return result.ok ? 'accepted' : result.rejection.reason;
};
async function leftoversOf(bytes: Buffer): Promise<string[]> {
  const found = await sharp(bytes).metadata();
  const kinds = ['exif', 'icc', 'xmp', 'iptc', 'orientation', 'comments'] as const;
  const inBytes = bytes.includes('Ada Example') ? ['owner in bytes'] : [];
  return [...kinds.filter((kind) => found[kind] !== undefined), ...inBytes];
}
const colourOf = async (bytes: Buffer) => {
  const { channels } = await sharp(bytes).stats();
  return channels.slice(0, 3).map((channel) => Math.round(channel.mean));
};
const flat = (background: string) => sharp({ create: { width: 300, height: 200, channels: 3, background } });

describe('renditions of good photos', () => {
  it('turns a photo upright and keeps no metadata of it', async () => {
    const original = await phoneJpeg(1200, 800);
    // The control: the check finds everything in the original, and in a rendition made without stripping.
    const everything = ['exif', 'icc', 'xmp', 'orientation', 'owner in bytes'];
    expect(await leftoversOf(original)).toEqual(everything);
    const kept = await sharp(original).resize(640).keepMetadata().jpeg().toBuffer();
    expect(await leftoversOf(kept)).toEqual(everything);

    const renditions = await renditionsOf('jpeg', original);
    expect(renditions.map(({ label, width, height }) => `${label} ${width}x${height}`)).toEqual([
      'medium 640x960',
      'small 320x480',
      'thumbnail 107x160',
    ]);
    for (const { body, width, height } of renditions) {
      const after = await sharp(body).metadata();
      expect(after).toMatchObject({ format: 'jpeg', width, height, space: 'srgb' });
      expect(await leftoversOf(body)).toEqual([]);
    }
  });

  it('turns pixels, not only numbers: what was left is up after orientation 6', async () => {
    const half = { width: 200, height: 200, channels: 3 as const, background: '#0000ff' };
    const lying = await flat('#ff0000')
      .resize(400, 200, { fit: 'fill' })
      .composite([{ input: { create: half }, left: 200, top: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const [rendition] = await renditionsOf('jpeg', lying);
    const top = sharp(rendition?.body).extract({ left: 10, top: 10, width: 60, height: 40 });
    expect((await colourOf(await top.png().toBuffer()))[0]).toBeGreaterThan(240);
  });

  it('keeps transparency in WebP and makes JPEG of everything opaque', async () => {
    const transparent = await renditionsOf('png', await transparentPng(600, 300));
    expect(transparent.map(({ format }) => format)).toEqual(['webp', 'webp']);
    expect((await sharp(transparent[0]?.body).stats()).isOpaque).toBe(false);
    const opaque = await photo(300, 200).toColourspace('srgb').png().toBuffer();
    expect((await renditionsOf('png', opaque))[0]?.format).toBe('jpeg');
    const unusedAlpha = await photo(300, 200).ensureAlpha(1).png().toBuffer();
    expect((await sharp(unusedAlpha).metadata()).hasAlpha).toBe(true);
    expect((await renditionsOf('png', unusedAlpha))[0]?.format).toBe('jpeg');
  });

  it('reads WebP, AVIF, GIF, grey, 16-bit and CMYK pictures', async () => {
    const cases: [ImageFormat, Buffer][] = [
      ['webp', await photo(300, 200).webp().toBuffer()],
      ['avif', await photo(300, 200).avif({ effort: 0 }).toBuffer()],
      ['gif', await photo(300, 200).gif().toBuffer()],
      ['png', await flat('#808080').toColourspace('b-w').png().toBuffer()],
      ['png', await flat('#808080').toColourspace('rgb16').png().toBuffer()],
      ['jpeg', await flat('#808080').toColourspace('cmyk').jpeg().toBuffer()],
    ];
    for (const [format, bytes] of cases) {
      const [rendition] = await renditionsOf(format, bytes);
      expect(rendition).toMatchObject({ label: 'thumbnail', width: 160, height: 107, format: 'jpeg' });
      expect(await sharp(rendition?.body).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
    }
  });

  it('converts wide colours to sRGB, since the profile that explains them is dropped', async () => {
    const wide = await flat('#40c040').withIccProfile('p3').jpeg({ quality: 100 }).toBuffer();
    const raw = await colourOf(wide);
    const [rendition] = await renditionsOf('jpeg', wide);
    const [red = 0, green = 0] = await colourOf(rendition?.body ?? Buffer.alloc(0));
    expect(Math.abs(red - 0x40) + Math.abs(green - 0xc0)).toBeLessThan(8);
    // The control: the stored numbers meant other colours than they said in sRGB.
    expect(Math.abs((raw[0] ?? 0) - 0x40)).toBeGreaterThan(8);
  });

  it('takes the first frame of an animation', async () => {
    const [rendition] = await renditionsOf('gif', await animatedGif(200, 200));
    const [red, , blue] = await colourOf(rendition?.body ?? Buffer.alloc(0));
    expect(red).toBeGreaterThan(250);
    expect(blue).toBeLessThan(5);
  });

  it('makes the same bytes of the same photo again', async () => {
    const original = await jpegPhoto(700, 500);
    const [one, two] = [await renditionsOf('jpeg', original), await renditionsOf('jpeg', original)];
    expect(one.map(({ body }) => body.toString('base64'))).toEqual(
      two.map(({ body }) => body.toString('base64')),
    );
  });

  it('makes a rendition of a single pixel and of a line one pixel wide', async () => {
    expect(await renditionsOf('png', await photo(1, 1).png().toBuffer())).toHaveLength(1);
    const [longest] = await renditionsOf('png', await photo(5000, 1).png().toBuffer());
    expect(longest).toMatchObject({ label: 'xlarge', width: 3840, height: 1 });
  });
});

describe('hostile and broken files', () => {
  const good: Partial<Record<ImageFormat, Buffer>> = {};
  beforeAll(async () => {
    good.jpeg = await jpegPhoto(400, 300);
    good.png = await photo(400, 300).png().toBuffer();
    good.webp = await photo(400, 300).webp().toBuffer();
    good.avif = await photo(400, 300).avif({ effort: 0 }).toBuffer();
    good.gif = await photo(400, 300).gif().toBuffer();
  });

  it.each(['jpeg', 'png', 'webp', 'avif', 'gif'] as const)(
    'refuses a %s cut off anywhere',
    async (format) => {
      const whole = good[format] ?? Buffer.alloc(0);
      expect(await refusalOf(format, whole)).toBe('accepted');
      for (const part of [0.2, 0.5, 0.8, 0.99]) {
        expect(await refusalOf(format, whole.subarray(0, whole.length * part))).toBe('undecodable');
      }
    },
  );

  it('refuses a decompression bomb by its header', async () => {
    const bomb = bombPng(30_000, 30_000);
    expect(bomb.length).toBeLessThan(200_000);
    expect(await refusalOf('png', bomb)).toBe('too-many-pixels');
    expect(await refusalOf('png', bombPng(300, 300))).toBe('accepted');
  });

  it('refuses an SVG under any name, also one that begins like XML', async () => {
    expect(await refusalOf('png', scriptSvg)).toBe('type-not-allowed');
    const declared = Buffer.concat([Buffer.from('<?xml version="1.0"?>'), scriptSvg]);
    expect(await refusalOf('png', declared)).toBe('type-not-allowed');
  });

  it('rejects a PNG that calls itself .jpg', async () => {
    expect(await refusalOf('jpeg', good.png ?? Buffer.alloc(0))).toBe('type-mismatch');
  });

  it('refuses formats that are not on the list', async () => {
    expect(await refusalOf('jpeg', await flat('#123456').tiff().toBuffer())).toBe('type-not-allowed');
    expect(await refusalOf('jpeg', Buffer.from('%PDF-1.7 …'))).toBe('type-not-allowed');
    expect(await refusalOf('jpeg', Buffer.alloc(5_000, 7))).toBe('type-not-allowed');
  });

  it('refuses magic numbers with nothing behind them', async () => {
    for (const [format, bytes] of Object.entries(good)) {
      const hollow = Buffer.concat([bytes.subarray(0, 16), Buffer.alloc(2_000)]);
      expect(['undecodable', 'type-not-allowed']).toContain(await refusalOf(format as ImageFormat, hollow));
    }
  });

  it('survives flipped bytes anywhere in the file', async () => {
    for (const [format, bytes] of Object.entries(good)) {
      for (let at = 3; at < bytes.length; at += Math.ceil(bytes.length / 25)) {
        const broken = Buffer.from(bytes);
        broken[at] = (broken[at] ?? 0) ^ 0xff;
        expect(await makeRenditions({ format: format as ImageFormat }, broken)).toHaveProperty('ok');
      }
    }
  });
});
