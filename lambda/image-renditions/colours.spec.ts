import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { ENCODING } from './codec.ts';
import type { ImageFormat } from './plan.ts';
import { avifOf, tagAvif } from './test-avif.ts';
import { type Codes, cicpChunk, flat, gamaChunk, pngOf, type Rgb, STORED, tagPng } from './test-colours.ts';
import { animatedGif, phoneJpeg, photo } from './test-photos.ts';
import {
  BT601_525,
  BT601_625,
  BT709,
  BT2020,
  type Chroma,
  distance,
  expectConverted,
  expectedSrgb,
  firstOf,
  gamma,
  P3,
  rejectionOf,
  shown,
  srgbToLinear,
  TOLERANCE,
  type Transfer,
} from './test-srgb.ts';

// The codec shuts loaders for the whole process, which the next spec file may share.
afterAll(() => sharp.unblock({ operation: ['VipsForeignLoad'] }));

const fixture = (name: string) => readFile(join(import.meta.dirname, 'fixtures', name));

describe('the reference of this spec', () => {
  it('gives sRGB back as it is, and Display P3 as its profile says', async () => {
    expect(distance(expectedSrgb(BT709, srgbToLinear, STORED), STORED)).toBeLessThan(0.01);
    const { data } = await flat(STORED).withIccProfile('p3').raw().toBuffer({ resolveWithObject: true });
    const [red = 0, green = 0, blue = 0] = data;
    expect(distance(expectedSrgb(P3, srgbToLinear, [red, green, blue]), STORED)).toBeLessThan(2);
  });
});

describe('colours tagged by codes of ITU-T H.273', () => {
  it('shows the green of a Display P3 AVIF that has no profile', async () => {
    expect(distance(await shown('avif', await fixture('p3-nclx.avif')), [0, 255, 0])).toBeLessThanOrEqual(
      TOLERANCE,
    );
  });

  const KINDS: [what: string, codes: readonly [number, number], meant: [Chroma, Transfer]][] = [
    ['Display P3', [12, 13], [P3, srgbToLinear]],
    ['BT.2020 with the curve of television', [9, 14], [BT2020, srgbToLinear]],
    ['BT.2020 with an sRGB curve', [9, 13], [BT2020, srgbToLinear]],
    ['sRGB primaries, linear', [1, 8], [BT709, (v) => v]],
    ['sRGB primaries, gamma 2.8', [1, 5], [BT709, gamma(2.8)]],
    ['P3, gamma 2.2', [12, 4], [P3, gamma(2.2)]],
  ];
  it.each(KINDS)('converts %s, in AVIF and in PNG', async (_what, [primaries, transfer], meant) => {
    await expectConverted('avif', await avifOf(STORED, [primaries, transfer, 6]), meant);
    await expectConverted('png', await pngOf(STORED, cicpChunk([primaries, transfer, 0])), meant);
  });

  it('converts the primaries of old television, which are near those of sRGB', async () => {
    for (const [primaries, chroma] of [
      [5, BT601_625],
      [6, BT601_525],
    ] as const) {
      const stored: Rgb = [230, 30, 40];
      const expected = expectedSrgb(chroma, srgbToLinear, stored);
      expect(distance(stored, expected)).toBeGreaterThan(2);
      const found = await shown('png', await pngOf(stored, cicpChunk([primaries, 13, 0])));
      expect(distance(found, expected)).toBeLessThan(distance(stored, expected));
    }
  });

  it('keeps white white, for any white point of the primaries', async () => {
    for (const primaries of [4, 8, 9, 11, 12, 22]) {
      const found = await shown('png', await pngOf([255, 255, 255], cicpChunk([primaries, 4, 0])));
      expect(distance(found, [255, 255, 255])).toBeLessThanOrEqual(1);
    }
  });

  it('leaves sRGB, and what says nothing, as they are', async () => {
    for (const codes of [
      [1, 13],
      [2, 2],
      [1, 1],
      [1, 2],
    ] as const) {
      const avif = await avifOf(STORED, [...codes, 6]);
      expect(distance(await shown('avif', avif), STORED)).toBeLessThanOrEqual(TOLERANCE);
      expect(await firstOf('png', await pngOf(STORED, cicpChunk([...codes, 0])))).toEqual(
        await firstOf('png', await pngOf(STORED)),
      );
    }
  });

  it('converts deep pictures too', async () => {
    const deep = flat(STORED).toColourspace('rgb16');
    const avif = await deep.clone().avif({ bitdepth: 10, quality: 100, effort: 0 }).toBuffer();
    await expectConverted('avif', tagAvif(avif, [12, 13, 6]), [P3, srgbToLinear]);
    const png = await deep.clone().png().toBuffer();
    expect((await sharp(png).metadata()).depth).toBe('ushort');
    await expectConverted('png', tagPng(png, cicpChunk([9, 13, 0])), [BT2020, srgbToLinear]);
    await expectConverted('png', tagPng(png, gamaChunk(1)), [BT709, (v) => v]);
  });

  it('keeps transparency, and the size', async () => {
    const cutter = { create: { width: 150, height: 200, channels: 4 as const, background: '#fff' } };
    const half = await sharp({ create: { width: 300, height: 200, channels: 4, background: '#46aa5a' } })
      .composite([{ input: cutter, left: 0, top: 0, blend: 'dest-out' }])
      .png()
      .toBuffer();
    const rendition = await firstOf('png', tagPng(half, cicpChunk([12, 13, 0])));
    expect(await sharp(rendition).metadata()).toMatchObject({ format: 'webp', width: 160, height: 107 });
    const { channels } = await sharp(rendition).stats();
    expect([channels[3]?.min, channels[3]?.max]).toEqual([0, 255]);
    const right = await sharp(rendition)
      .extract({ left: 90, top: 0, width: 70, height: 100 })
      .png()
      .toBuffer();
    const { channels: opaque } = await sharp(right).stats();
    const [red = 0, green = 0, blue = 0] = opaque.map((channel) => channel.mean);
    expect(distance([red, green, blue], expectedSrgb(P3, srgbToLinear, STORED))).toBeLessThanOrEqual(
      TOLERANCE,
    );
  });

  it('converts grey pictures by their curve', async () => {
    const grey = await flat([90, 90, 90]).toColourspace('b-w').png().toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    const [expected] = expectedSrgb(BT709, (v) => v, [90, 90, 90]);
    const found = await shown('png', tagPng(grey, gamaChunk(1)));
    expect(distance(found, [expected, expected, expected])).toBeLessThanOrEqual(TOLERANCE);
  });

  const REFUSED: [what: string, codes: Codes, words: RegExp][] = [
    ['PQ', [9, 16, 9], /PQ \(HDR\)/],
    ['HLG', [9, 18, 9], /HLG \(HDR\)/],
    ['a logarithmic curve', [1, 9, 6], /transfer characteristics 9/],
    ['an unknown curve', [1, 77, 6], /transfer characteristics 77/],
    ['unknown primaries', [99, 13, 6], /colour primaries 99/],
    ['XYZ in place of colours', [10, 13, 0], /colour primaries 10/],
    ['ICtCp', [9, 13, 14], /matrix coefficients 14/],
    ['constant luminance', [9, 13, 10], /matrix coefficients 10/],
  ];
  it.each(REFUSED)('refuses %s with its name and a remedy', async (_what, codes, words) => {
    const rejection = await rejectionOf('avif', await avifOf(STORED, codes));
    expect(rejection?.reason).toBe('type-not-allowed');
    expect(rejection?.detail).toMatch(words);
    expect(rejection?.detail).toMatch(/save the picture as sRGB$/);
  });

  it('refuses what a PNG may not be tagged as', async () => {
    for (const [chunk, words] of [
      [cicpChunk([9, 16, 0]), /PQ/],
      [cicpChunk([12, 13, 6]), /matrix coefficients 6/],
      [cicpChunk([12, 13, 0], 0), /narrow range/],
    ] as const) {
      expect((await rejectionOf('png', await pngOf(STORED, chunk)))?.detail).toMatch(words);
    }
  });
});

describe('colours tagged by a profile', () => {
  it('are converted in deep pictures as in others', async () => {
    const deep = flat(STORED).toColourspace('rgb16').withIccProfile('p3');
    const png = await deep.clone().png().toBuffer();
    const avif = await deep.clone().avif({ bitdepth: 10, quality: 100, effort: 0 }).toBuffer();
    for (const [format, bytes] of [
      ['png', png],
      ['avif', avif],
    ] as const) {
      expect(await sharp(bytes).metadata()).toMatchObject({ depth: 'ushort', hasProfile: true });
      expect(distance(await shown(format, bytes), STORED)).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});

describe('pictures without a tag', () => {
  it('become the bytes that sharp alone makes of them', async () => {
    const cases: [ImageFormat, Buffer][] = [
      ['jpeg', await phoneJpeg(300, 200)],
      ['jpeg', await photo(300, 200).jpeg().toBuffer()],
      ['jpeg', await photo(300, 200).toColourspace('cmyk').jpeg().toBuffer()],
      ['png', await photo(300, 200).png().toBuffer()],
      ['png', await photo(300, 200).toColourspace('rgb16').png().toBuffer()],
      ['png', await photo(300, 200).toColourspace('b-w').png().toBuffer()],
      ['png', await photo(300, 200).png({ palette: true }).toBuffer()],
      ['webp', await photo(300, 200).withIccProfile('p3').webp().toBuffer()],
      ['avif', await photo(300, 200).avif({ effort: 0 }).toBuffer()],
      ['avif', await photo(300, 200).toColourspace('rgb16').avif({ effort: 0, bitdepth: 12 }).toBuffer()],
      ['gif', await animatedGif(300, 200)],
    ];
    for (const [format, bytes] of cases) {
      const { autoOrient } = await sharp(bytes).metadata();
      const [width, height] = autoOrient.width > autoOrient.height ? [160, 107] : [107, 160];
      const { data, info } = await sharp(bytes)
        .autoOrient()
        .resize(width, height, { fit: 'fill' })
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      const plain = sharp(data, { raw: { width, height, channels: info.channels } });
      expect(await firstOf(format, bytes)).toEqual(await plain.removeAlpha().jpeg(ENCODING.jpeg).toBuffer());
    }
  });
});
