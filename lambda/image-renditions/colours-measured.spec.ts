import { afterAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { makeRenditions } from './pipeline.ts';
import {
  type Chunk,
  chrmChunk,
  cicpChunk,
  exifOf,
  flat,
  gamaChunk,
  jpegOf,
  pngOf,
  type Rgb,
  STORED,
  srgbChunk,
  tagJpeg,
  tagPng,
} from './test-colours.ts';
import {
  ADOBE,
  BT709,
  BT2020,
  type Chroma,
  D65,
  distance,
  expectConverted,
  firstOf,
  gamma,
  P3,
  rejectionOf,
  shown,
  srgbToLinear,
  TOLD_APART,
  TOLERANCE,
  type Transfer,
} from './test-srgb.ts';

// The codec shuts loaders for the whole process, which the next spec file may share.
afterAll(() => sharp.unblock({ operation: ['VipsForeignLoad'] }));

describe('colours tagged by numbers in a PNG', () => {
  const KINDS: [what: string, chunks: readonly Chunk[], meant: [Chroma, Transfer]][] = [
    ['gamma and primaries', [gamaChunk(1 / 2.2), chrmChunk(ADOBE)], [ADOBE, gamma(2.2)]],
    ['gamma 1.8 alone', [gamaChunk(1 / 1.8)], [BT709, gamma(1.8)]],
    ['primaries alone', [chrmChunk(P3)], [P3, srgbToLinear]],
    ['linear light', [gamaChunk(1)], [BT709, (v) => v]],
  ];
  it.each(KINDS)('converts by %s', async (_what, chunks, meant) => {
    await expectConverted('png', await pngOf(STORED, ...chunks), meant);
  });

  it('reads the numbers that writers of sRGB add as sRGB', async () => {
    const plain = await firstOf('png', await pngOf(STORED));
    for (const gammaWritten of [0.45455, 0.45, 0.46]) {
      const rounded = [...BT709.slice(0, 6), 0.31269, 0.32899];
      const usual = await pngOf(STORED, gamaChunk(gammaWritten), chrmChunk(rounded));
      expect(await firstOf('png', usual)).toEqual(plain);
    }
    expect(await firstOf('png', await pngOf(STORED, srgbChunk, gamaChunk(1), chrmChunk(P3)))).toEqual(plain);
  });

  it('ignores numbers that make no sense, and chunks with a wrong checksum', async () => {
    const plain = await firstOf('png', await pngOf(STORED));
    const one = [0.3, 0.3];
    for (const chunk of [
      gamaChunk(0),
      gamaChunk(40_000),
      { type: 'gAMA', data: Buffer.of(1) },
      chrmChunk([0, 0, 0, 0, 0, 0, 0, 0]),
      chrmChunk([...one, ...one, ...one, ...D65]),
      chrmChunk([...P3.slice(0, 6), 0.9, 0.05]),
    ]) {
      expect(await firstOf('png', await pngOf(STORED, chunk))).toEqual(plain);
    }
    const spoilt = await pngOf(STORED, gamaChunk(1));
    const at = spoilt.indexOf('gAMA') + 8;
    spoilt.writeUInt8(spoilt.readUInt8(at) ^ 1, at);
    expect(await firstOf('png', spoilt)).toEqual(plain);
  });

  it('lets the codes win over the profile, and the profile over the numbers', async () => {
    const wide = await flat(STORED).withIccProfile('p3').png().toBuffer();
    expect(distance(await shown('png', wide), STORED)).toBeLessThanOrEqual(TOLERANCE);
    expect(await firstOf('png', tagPng(wide, gamaChunk(1), chrmChunk(BT2020)))).toEqual(
      await firstOf('png', wide),
    );
    const stored = await sharp(wide, { ignoreIcc: true }).stats();
    const raw = stored.channels.map((channel) => channel.mean) as unknown as Rgb;
    const asSrgb = await shown('png', tagPng(wide, cicpChunk([1, 13, 0])));
    expect(distance(asSrgb, raw)).toBeLessThanOrEqual(TOLERANCE);
    expect(distance(asSrgb, STORED)).toBeGreaterThan(TOLD_APART);
    // Codes that are not converted give way to a profile that is: PNG (third edition) §4.3.
    expect(await firstOf('png', tagPng(wide, cicpChunk([9, 16, 0])))).toEqual(await firstOf('png', wide));
  });
});

describe('colours tagged by a camera', () => {
  it.each([
    [{ colourSpace: 0xffff, interopIndex: 'R03' }],
    [{ colourSpace: 0xffff, interopIndex: 'R03', isBigEndian: false }],
    [{ interopIndex: 'R03' }],
    [{ colourSpace: 2, interopIndex: 'R98' }],
  ])('converts Adobe RGB that only Exif declares: %j', async (exif) => {
    await expectConverted('jpeg', await jpegOf(STORED, exif), [ADOBE, gamma(563 / 256)]);
  });

  it.each([
    [{ colourSpace: 1, interopIndex: 'R98' }],
    [{ colourSpace: 1, interopIndex: 'R03' }],
    [{ colourSpace: 0xffff, interopIndex: 'R98' }],
    [{ colourSpace: 0xffff }],
  ])('leaves what Exif calls sRGB, or nothing: %j', async (exif) => {
    const found = await firstOf('jpeg', await jpegOf(STORED, exif));
    expect(found).toEqual(
      await firstOf('jpeg', await flat(STORED).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()),
    );
  });

  it('follows the profile where there is one', async () => {
    const wide = await flat(STORED).withIccProfile('p3').jpeg({ quality: 100 }).toBuffer();
    const tagged = tagJpeg(wide, exifOf({ colourSpace: 0xffff, interopIndex: 'R03' }));
    expect(await firstOf('jpeg', tagged)).toEqual(await firstOf('jpeg', wide));
  });

  it('reads on without Exif that is cut off or points anywhere', async () => {
    const whole = exifOf({ colourSpace: 0xffff, interopIndex: 'R03' });
    const jpeg = await flat(STORED).jpeg().toBuffer();
    for (let length = 0; length < whole.length; length += 1) {
      expect(await rejectionOf('jpeg', tagJpeg(jpeg, whole.subarray(0, length)))).toBeUndefined();
    }
    for (let at = 6; at < whole.length; at += 1) {
      const broken = Buffer.from(whole);
      broken.writeUInt8(0xff, at);
      expect(await makeRenditions({ format: 'jpeg' }, tagJpeg(jpeg, broken))).toHaveProperty('ok', true);
    }
  });
});
