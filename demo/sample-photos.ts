// A seed in, photos of an imaginary shop out, drawn by code: the same seed gives the same pictures. They are made by this
// repository and fall under its licence; no photo of anybody else is in it.
import sharp from 'sharp';
import { createRandom, type Random } from './samples/random.ts';
import { drawScene } from './samples/scene.ts';
import { SHAPES, type ShapeName } from './samples/shapes.ts';

/** A photo that is yet to be drawn. */
export interface SamplePhoto {
  readonly fileName: string;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  /** True for the file that is not what its name says, and so is refused. */
  readonly isRefused: boolean;
  draw(): Promise<Buffer>;
}

type Format = 'jpeg' | 'png' | 'webp';

/** Longest edges: every size label occurs, and small pictures more often than large ones, which take long to draw. */
const EDGES = [
  1_600, 640, 2_400, 120, 960, 1_200, 480, 3_000, 300, 1_920, 800, 4_000, 1_400, 160, 2_000, 720,
];
const FORMATS: readonly Format[] = ['jpeg', 'jpeg', 'webp', 'jpeg', 'png'];
/** PNG stores every grain of noise: a large one has tens of megabytes. */
const PNG_EDGE_MAX = 1_400;
const RATIOS = [4 / 3, 3 / 4, 1, 3 / 2];
/** Hues in degrees. */
const COLOURS: readonly [name: string, hue: number][] = [
  ['amber', 38],
  ['rust', 14],
  ['olive', 66],
  ['moss', 104],
  ['teal', 174],
  ['sky', 204],
  ['indigo', 246],
  ['plum', 300],
  ['rose', 344],
];
const EXTENSIONS: Readonly<Record<Format, string>> = { jpeg: 'jpg', png: 'png', webp: 'webp' };

/** Plans that many photos, one of them (the fourth, or the last of fewer) a PNG that calls itself .jpg. */
export function samplePhotos(count: number, seed: number): SamplePhoto[] {
  const refusedAt = Math.min(3, count - 1);
  return Array.from({ length: count }, (_, at) => samplePhoto(at, seed, at === refusedAt));
}

function samplePhoto(at: number, seed: number, isRefused: boolean): SamplePhoto {
  const random = createRandom(seed * 1_000 + at);
  const names = Object.keys(SHAPES) as ShapeName[];
  const shape = names[at % names.length]!;
  const [colour, hue] = random.pick(COLOURS);
  const edge = isRefused ? 600 : EDGES[at % EDGES.length]!;
  const ratio = random.pick(RATIOS);
  const width = Math.round(ratio >= 1 ? edge : edge * ratio);
  const height = Math.round(ratio >= 1 ? edge / ratio : edge);
  const wanted = FORMATS[at % FORMATS.length]!;
  const format = isRefused || (wanted === 'png' && edge > PNG_EDGE_MAX) ? 'jpeg' : wanted;
  return {
    fileName: `${colour}-${shape}.${EXTENSIONS[format]}`,
    contentType: `image/${format}`,
    width,
    height,
    isRefused,
    draw: () => drawPhoto({ random, shape, hue, width, height }, isRefused ? 'png' : format),
  };
}

interface Picture {
  readonly random: Random;
  readonly shape: ShapeName;
  readonly hue: number;
  readonly width: number;
  readonly height: number;
}

async function drawPhoto({ random, shape, hue, width, height }: Picture, format: Format): Promise<Buffer> {
  // Loaders are the whole process's: where specs run one after the other in one, the Lambda's code may have shut these out.
  sharp.unblock({ operation: ['VipsForeignLoadSvg', 'VipsForeignLoadPng'] });
  const scene = Buffer.from(drawScene({ random: random.fork(), shape, hue, width, height }));
  const picture = sharp(scene).composite([
    { input: await grain(random.fork(), width, height), blend: 'soft-light' },
  ]);
  switch (format) {
    case 'jpeg':
      return picture.flatten().jpeg({ quality: 88 }).toBuffer();
    case 'webp':
      return picture.flatten().webp({ quality: 82, effort: 2 }).toBuffer();
    case 'png':
      return picture.flatten().png({ compressionLevel: 6 }).toBuffer();
  }
}

/** Grey noise around the middle, coarser than a pixel, as film has it: without it the pictures compress to nothing. */
async function grain(random: Random, width: number, height: number): Promise<Buffer> {
  const [columns, rows] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const noise = Buffer.alloc(columns * rows);
  // The sum of two is nearer to a bell than one.
  for (let at = 0; at < noise.length; at += 1) noise[at] = 88 + random.whole(0, 39) + random.whole(0, 39);
  return sharp(noise, { raw: { width: columns, height: rows, channels: 1 } })
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .toColourspace('srgb')
    .png({ compressionLevel: 0 })
    .toBuffer();
}
