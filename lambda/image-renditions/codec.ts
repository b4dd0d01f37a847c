// Bytes of a photo in, encoded renditions out. Decodes once, keeps no metadata, and opens nothing but the five formats.
import { availableParallelism } from 'node:os';
import { fileTypeFromBuffer } from 'file-type';
import sharp, { type Metadata, type Raw, type Sharp, type SharpOptions } from 'sharp';
import { ORIGINAL_PIXELS_MAX } from '#contracts/images.ts';
import { type ColourTag, isSrgb, refusalByMatrix, tagOfCodePoints } from './colour-space.ts';
import { readExifTag } from './exif-colour.ts';
import { type HeifBoxes, readHeif } from './heif.ts';
import { iccProfile } from './icc-profile.ts';
import {
  type Content,
  type ImageFormat,
  type OutputFormat,
  outputFormat,
  type PixelSize,
  type RenditionSize,
} from './plan.ts';
import { readPngTag, withProfile } from './png-chunks.ts';

/** One encoded rendition. */
export interface EncodedRendition extends RenditionSize {
  readonly format: OutputFormat;
  readonly body: Buffer;
}

/** Visually the original at a third of its bytes; a higher quality made no visible difference in shop photos. */
export const ENCODING = {
  jpeg: { quality: 82, progressive: false },
  webp: { quality: 82, alphaQuality: 90, effort: 3 },
} as const;

/** A hostile file may be legal and endless to decode. */
const DECODE_SECONDS_MAX = 60;

// A loader that is not needed is a loader that cannot be attacked: SVG, PDF, TIFF, ImageMagick and the rest stay shut.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadHeif',
    'VipsForeignLoadNsgif',
  ],
});
// No operation repeats between photos, so a cache would only hold memory that the next photo needs.
sharp.cache(false);
// On glibc sharp defaults to one thread, for long-lived servers with many callers; a Lambda has one photo at a time.
sharp.concurrency(availableParallelism());

const DECODER: SharpOptions = {
  limitInputPixels: ORIGINAL_PIXELS_MAX,
  // Refuses truncated and corrupt files. 'warning' would also refuse the sloppy JPEGs that real cameras write.
  failOn: 'error',
  // First frame only; the default, said aloud since "all pages" multiplies the pixels.
  pages: 1,
};

/** How a picture's colours become sRGB. */
interface ColourPath {
  /** 16 bits of memory for each number: libvips then works in Display P3 where a profile is followed. */
  readonly isDeep: boolean;
  /** The file's own profile is followed. */
  readonly followsProfile: boolean;
  /** The profile of a space that the file names without giving one. */
  readonly profile?: Buffer | undefined;
}

/** What is known of a file before a pixel is decoded. */
export interface Inspection extends Content {
  /** For decodable files only. */
  readonly picture?: { readonly oriented: PixelSize; readonly colours: ColourPath };
}

/** Reads what a file is: by magic numbers, and by the decoder's own header parser. Decodes no pixels. */
export async function inspect(bytes: Buffer): Promise<Inspection> {
  const mime = (await fileTypeFromBuffer(bytes).catch(() => undefined))?.mime;
  try {
    const boxes = mime === 'image/avif' ? readHeif(bytes) : undefined;
    if (boxes?.hasSequence && !boxes.hasStill) return { mime, refusal: NO_STILL };
    // The limit is lifted for the header only, so that the plan can distinguish too many pixels from a broken file.
    const found = await sharp(bytes, { ...DECODER, limitInputPixels: false }).metadata();
    const format = formatOf(found.format, found.compression);
    const header = { format, width: found.width, height: found.height };
    const tag = colourTagOf(bytes, found, boxes);
    if (tag && 'refusal' in tag) return { mime, header, refusal: tag.refusal };
    return { mime, header, picture: { oriented: found.autoOrient, colours: colourPathOf(found, tag) } };
  } catch {
    return { mime };
  }
}

const NO_STILL = 'it is an animation without a still picture, of which no frame can be read';

/** libvips knows HEIF with AV1 inside as heif. */
function formatOf(format: string, compression: string | undefined): ImageFormat | 'other' {
  if (format === 'heif') return compression === 'av1' ? 'avif' : 'other';
  return format === 'jpeg' || format === 'png' || format === 'webp' || format === 'gif' ? format : 'other';
}

/**
 * What the file says of its colours where libvips 8.18 does not read it. It follows a profile without our help. WebP is sRGB or has a
 * profile by its specification, and GIF knows no colours but sRGB.
 */
function colourTagOf(bytes: Buffer, found: Metadata, boxes: HeifBoxes | undefined): ColourTag | undefined {
  if (found.format === 'png') return readPngTag(bytes, found.hasProfile);
  if (boxes?.codePoints) {
    const { codePoints } = boxes;
    return refusalByMatrix(codePoints) ?? (found.hasProfile ? undefined : tagOfCodePoints(codePoints));
  }
  return found.format === 'jpeg' && found.space === 'srgb' && !found.hasProfile
    ? readExifTag(found.exif)
    : undefined;
}

function colourPathOf(found: Metadata, tag: ColourTag | undefined): ColourPath {
  const isDeep = found.depth === 'ushort' && found.space === 'rgb16';
  const space = tag && 'space' in tag ? tag.space : undefined;
  const profile = space && !isSrgb(space) ? iccProfile(space) : undefined;
  return { isDeep, followsProfile: found.hasProfile && !space, profile };
}

/**
 * Makes the renditions of sizes that go from the largest to the smallest: one decode to the largest, the others from
 * there. Pixels are turned upright by EXIF and converted to sRGB first, for nothing that would make a viewer do so
 * is kept.
 * @throws Error when the file cannot be decoded; the message may quote other files, it must not leave the process.
 */
export async function render(
  bytes: Buffer,
  sizes: readonly RenditionSize[],
  colours: ColourPath,
): Promise<EncodedRendition[]> {
  const [largest] = sizes;
  if (!largest) return [];
  const image = sharp(bytes, { ...DECODER, ignoreIcc: !colours.followsProfile })
    .timeout({ seconds: DECODE_SECONDS_MAX })
    .autoOrient()
    .resize(largest.width, largest.height, { fit: 'fill' });
  const { data, info } = await (colours.profile
    ? converted(image, colours.profile, colours.isDeep)
    : inSrgb(image, colours.isDeep && colours.followsProfile));
  const { width, height, channels } = info;
  const decoded = { pixels: data, raw: { width, height, channels } };
  const format = outputFormat(channels === 4 && isSeeThrough(data));
  return Promise.all(sizes.map((size) => encode(decoded, format, size)));
}

/** Pixels of one byte a channel. sharp leaves deep pictures that have a profile in Display P3, unless it is given a target. */
function inSrgb(image: Sharp, isInDisplayP3: boolean) {
  if (isInDisplayP3) image.withIccProfile('srgb');
  return image.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
}

/** sharp takes a source profile from a file only: the pixels become a PNG, uncompressed, that has it. */
async function converted(image: Sharp, profile: Buffer, isDeep: boolean) {
  const png = await image
    .toColourspace(isDeep ? 'rgb16' : 'srgb')
    .png({ compressionLevel: 0, adaptiveFiltering: false, palette: false })
    .toBuffer();
  const tagged = sharp(withProfile(png, profile), DECODER).timeout({ seconds: DECODE_SECONDS_MAX });
  return inSrgb(tagged, isDeep);
}

/** Many editors write an alpha channel that nothing uses, and animations use one between their frames. */
function isSeeThrough(rgba: Buffer): boolean {
  for (let alpha = 3; alpha < rgba.length; alpha += 4) if (rgba[alpha] !== 255) return true;
  return false;
}

interface Decoded {
  readonly pixels: Buffer;
  readonly raw: Raw;
}

async function encode(
  { pixels, raw }: Decoded,
  format: OutputFormat,
  size: RenditionSize,
): Promise<EncodedRendition> {
  const image = sharp(pixels, { raw });
  if (format === 'jpeg') image.removeAlpha();
  if (size.width !== raw.width || size.height !== raw.height) {
    image.resize(size.width, size.height, { fit: 'fill' });
  }
  const body = await (format === 'jpeg' ? image.jpeg(ENCODING.jpeg) : image.webp(ENCODING.webp)).toBuffer();
  return { ...size, format, body };
}
