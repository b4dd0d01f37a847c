// Bytes of a photo in, encoded renditions out. Decodes once, keeps no metadata, and opens nothing but the five formats.
import { availableParallelism } from 'node:os';
import { fileTypeFromBuffer } from 'file-type';
import sharp, { type Raw, type SharpOptions } from 'sharp';
import {
  type Content,
  type ImageFormat,
  ORIGINAL_PIXELS_MAX,
  type OutputFormat,
  outputFormat,
  type PixelSize,
  type RenditionSize,
} from './plan.ts';

/** One encoded rendition. */
export interface EncodedRendition extends RenditionSize {
  readonly format: OutputFormat;
  readonly body: Buffer;
}

/** Visually the original at a third of its bytes; more was not told apart in shop photos. */
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

/** Reads what a file is: by magic numbers, and by the decoder's own header parser. Decodes no pixels. */
export async function inspect(bytes: Buffer): Promise<Content & { readonly oriented?: PixelSize }> {
  const mime = (await fileTypeFromBuffer(bytes).catch(() => undefined))?.mime;
  try {
    // The limit is lifted for the header alone, so that the plan can tell too many pixels from a broken file.
    const found = await sharp(bytes, { ...DECODER, limitInputPixels: false }).metadata();
    const format = formatOf(found.format, found.compression);
    return { mime, header: { format, width: found.width, height: found.height }, oriented: found.autoOrient };
  } catch {
    return { mime };
  }
}

/** libvips knows HEIF with AV1 inside as heif. */
function formatOf(format: string, compression: string | undefined): ImageFormat | 'other' {
  if (format === 'heif') return compression === 'av1' ? 'avif' : 'other';
  return format === 'jpeg' || format === 'png' || format === 'webp' || format === 'gif' ? format : 'other';
}

/**
 * Makes the renditions of sizes that go from the largest to the smallest: one decode to the largest, the others from
 * there. Pixels are turned upright by EXIF and converted to sRGB first, for nothing that would tell a viewer to do so
 * is kept.
 * @throws Error when the file cannot be decoded; the message may quote other files, it must not leave the process.
 */
export async function render(bytes: Buffer, sizes: readonly RenditionSize[]): Promise<EncodedRendition[]> {
  const [largest] = sizes;
  if (!largest) return [];
  const { data, info } = await sharp(bytes, DECODER)
    .timeout({ seconds: DECODE_SECONDS_MAX })
    .autoOrient()
    .resize(largest.width, largest.height, { fit: 'fill' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const decoded = { pixels: data, raw: { width, height, channels } };
  const format = outputFormat(channels === 4 && isSeeThrough(data));
  return Promise.all(sizes.map((size) => encode(decoded, format, size)));
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
