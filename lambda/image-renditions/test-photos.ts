// Photos for specs and benches, good and hostile, all made by code: no file of anybody else's.
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** A picture with soft shapes and grain, as a photo has. Its noise is new with each run. */
export function photo(width: number, height: number): Sharp {
  const grain = {
    create: {
      width: Math.max(1, Math.ceil(width / 8)),
      height: Math.max(1, Math.ceil(height / 8)),
      channels: 3 as const,
      background: '#777',
      noise: { type: 'gaussian' as const, mean: 128, sigma: 40 },
    },
  };
  return sharp(grain).resize(width, height, { fit: 'fill', kernel: 'cubic' });
}

/** Ready pixels, since sharp would re-run a noise source for each output. */
async function pixelsOf(image: Sharp): Promise<Sharp> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
}

export const jpegPhoto = (width: number, height: number): Promise<Buffer> =>
  photo(width, height).jpeg({ quality: 90 }).toBuffer();

/** What a phone writes: lying on its side (orientation 6), with owner, place, a profile and XMP. */
export async function phoneJpeg(width: number, height: number): Promise<Buffer> {
  return (await pixelsOf(photo(width, height)))
    .withMetadata({ orientation: 6 })
    .withExifMerge({
      IFD0: { Artist: 'Ada Example', Copyright: 'private' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '51/1 30/1 0/1',
        GPSLongitudeRef: 'W',
        GPSLongitude: '0/1 7/1 0/1',
      },
    })
    .withIccProfile('p3')
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>home</secret></x:xmpmeta>')
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** A PNG whose left half is see-through. */
export async function transparentPng(width: number, height: number): Promise<Buffer> {
  const half = { width: Math.ceil(width / 2), height, channels: 4 as const, background: '#00000000' };
  return photo(width, height)
    .ensureAlpha()
    .composite([{ input: { create: half }, left: 0, top: 0, blend: 'source' }])
    .png()
    .toBuffer();
}

/** An animation whose first frame is red and whose second is blue. */
export async function animatedGif(width: number, height: number): Promise<Buffer> {
  const frame = (background: string) =>
    sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer();
  const frames = [await frame('#ff0000'), await frame('#0000ff')];
  return sharp(frames, { join: { animated: true } })
    .gif({ delay: 100 })
    .toBuffer();
}

/** A legal PNG of one bit per pixel whose rows compress a thousandfold: the classic decompression bomb. */
export function bombPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1; // bit depth; colour type 0 (grey) and the rest stay zero: PNG specification §11.2.2
  const rows = deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * height), { level: 9 });
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type), data]);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

export const scriptSvg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500"><script>alert(document.cookie)</script>' +
    '<image href="file:///etc/passwd" width="500" height="500"/></svg>',
);
