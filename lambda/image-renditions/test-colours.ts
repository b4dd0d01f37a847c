// Pictures of one colour for specs, tagged in each of the ways that are no profile; and the boxes and chunks to tag them with.
import { crc32 } from 'node:zlib';
import sharp from 'sharp';

export type Rgb = readonly [number, number, number];

/** One colour, 64 pixels square. */
export const flat = ([r, g, b]: Rgb) =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: { r, g, b } } });

/** Colour codes as a file holds them: colour primaries, transfer characteristics, matrix coefficients. */
export type Codes = readonly [number, number, number];

export function uint16(...values: readonly number[]): Buffer {
  const written = Buffer.alloc(values.length * 2);
  for (const [at, value] of values.entries()) written.writeUInt16BE(value, at * 2);
  return written;
}

export function uint32(...values: readonly number[]): Buffer {
  const written = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) written.writeUInt32BE(value, at * 4);
  return written;
}

export interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

export const cicpChunk = ([primaries, transfer, matrix]: Codes, range = 1): Chunk => ({
  type: 'cICP',
  data: Buffer.of(primaries, transfer, matrix, range),
});
/** PNG's numbers are hundred-thousandths. */
export const gamaChunk = (gamma: number): Chunk => ({ type: 'gAMA', data: uint32(Math.round(gamma * 1e5)) });
/** Red, green, blue, white in; PNG wants white first. */
export const chrmChunk = (chromaticities: readonly number[]): Chunk => ({
  type: 'cHRM',
  data: uint32(
    ...[...chromaticities.slice(6), ...chromaticities.slice(0, 6)].map((value) => Math.round(value * 1e5)),
  ),
});
export const srgbChunk: Chunk = { type: 'sRGB', data: Buffer.of(0) };

/** Puts chunks behind the header. */
export function tagPng(png: Buffer, ...chunks: readonly Chunk[]): Buffer {
  const written = chunks.map(({ type, data }) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    return Buffer.concat([uint32(data.length), named, uint32(crc32(named))]);
  });
  return Buffer.concat([png.subarray(0, 33), ...written, png.subarray(33)]);
}

/** What a camera says of its colours. */
export interface ExifColours {
  readonly colourSpace?: number;
  readonly interopIndex?: string;
  readonly isBigEndian?: boolean;
}

/** Exif with three folders: the main one, the photo's, and that of interoperability (TIFF 6.0 §2, Exif 2.32 §4.6). */
export function exifOf({ colourSpace, interopIndex, isBigEndian = true }: ExifColours): Buffer {
  const photoAt = 26;
  const interopAt = photoAt + 2 + 2 * 12 + 4;
  const tiff = Buffer.alloc(interopAt + 2 + 12 + 4);
  const short = (value: number, at: number) =>
    isBigEndian ? tiff.writeUInt16BE(value, at) : tiff.writeUInt16LE(value, at);
  const long = (value: number, at: number) =>
    isBigEndian ? tiff.writeUInt32BE(value, at) : tiff.writeUInt32LE(value, at);
  const entry = (at: number, tag: number, type: number, count: number) => {
    short(tag, at);
    short(type, at + 2);
    long(count, at + 4);
    return at + 8;
  };
  tiff.write(isBigEndian ? 'MM' : 'II', 'latin1');
  short(42, 2);
  long(8, 4);
  short(1, 8);
  long(photoAt, entry(10, 0x8769, 4, 1));
  short(2, photoAt);
  const spaceTag = colourSpace === undefined ? 0x9000 : 0xa001;
  short(colourSpace ?? 0, entry(photoAt + 2, spaceTag, 3, 1));
  long(interopAt, entry(photoAt + 14, 0xa005, 4, 1));
  short(1, interopAt);
  tiff.write(interopIndex ?? '', entry(interopAt + 2, 1, 2, 4), 'latin1');
  return Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
}

/** Puts Exif behind a JPEG's first mark, as cameras do. */
export function tagJpeg(jpeg: Buffer, exif: Buffer): Buffer {
  const app1 = Buffer.concat([Buffer.of(0xff, 0xe1), uint16(exif.length + 2), exif]);
  return Buffer.concat([jpeg.subarray(0, 2), app1, jpeg.subarray(2)]);
}

/** A green whose numbers mean clearly other colours in the spaces of the specs. */
export const STORED: Rgb = [70, 170, 90];
export const pngOf = (rgb: Rgb, ...chunks: readonly Chunk[]) =>
  flat(rgb)
    .png()
    .toBuffer()
    .then((png) => tagPng(png, ...chunks));
export const jpegOf = (rgb: Rgb, exif: ExifColours) =>
  flat(rgb)
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer()
    .then((jpeg) => tagJpeg(jpeg, exifOf(exif)));
