// A PNG file's chunks before its pixels in; what they say of its colours out. And the other way: a profile into a PNG.
import { crc32, deflateSync } from 'node:zlib';
import {
  areSrgb,
  type Chromaticities,
  type ColourTag,
  colorants,
  power,
  refusalOf,
  SRGB,
  tagOfCodePoints,
} from './colour-space.ts';

const SIGNATURE_BYTES = 8;
/** Length, type and check sum. */
const FRAME_BYTES = 12;
/** Always the first chunk, with 13 bytes: PNG (third edition) §11.2.1. */
const AFTER_HEADER = SIGNATURE_BYTES + FRAME_BYTES + 13;
const COLOUR_CHUNKS: ReadonlySet<string> = new Set(['cICP', 'sRGB', 'gAMA', 'cHRM']);

/**
 * What a PNG says of its colours by anything but a profile. By PNG (third edition) §4.3 `cICP` comes before the profile, and
 * the profile before `sRGB`, and that before `cHRM` and `gAMA`; a chunk that cannot be honoured gives way to the profile.
 */
export function readPngTag(bytes: Buffer, hasProfile: boolean): ColourTag | undefined {
  const chunks = colourChunks(bytes);
  const coded = codedTag(chunks.get('cICP'));
  if (coded && !(hasProfile && 'refusal' in coded)) return coded;
  return hasProfile || chunks.has('sRGB') ? undefined : measuredTag(chunks.get('gAMA'), chunks.get('cHRM'));
}

/** The first whole chunk of each kind; what has a wrong check sum libpng drops, too. */
function colourChunks(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  let at = SIGNATURE_BYTES;
  while (at + FRAME_BYTES <= bytes.length) {
    const end = at + FRAME_BYTES + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT' || end > bytes.length) break;
    const isWhole = () => crc32(bytes.subarray(at + 4, end - 4)) === bytes.readUInt32BE(end - 4);
    if (COLOUR_CHUNKS.has(type) && !found.has(type) && isWhole())
      found.set(type, bytes.subarray(at + 8, end - 4));
    at = end;
  }
  return found;
}

/** §11.3.2.6 */
function codedTag(cicp: Buffer | undefined): ColourTag | undefined {
  if (cicp?.length !== 4) return undefined;
  const [primaries = 0, transfer = 0, matrix = 0, range = 0] = cicp;
  if (matrix !== 0) return refusalOf(`matrix coefficients ${matrix} in a PNG, which may have 0 only`);
  if (range !== 1) return refusalOf('narrow range');
  return tagOfCodePoints({ primaries, transfer, matrix });
}

/** A power of more than ten either way is no curve of a picture. */
const GAMMA_MIN = 10_000;
const GAMMA_MAX = 1_000_000;
/** What libpng, too, takes for no difference worth converting (PNG_GAMMA_THRESHOLD). */
const GAMMA_TOLERANCE = 0.05;

/** §11.3.2.1 and §11.3.2.2. Numbers that make no sense count as absent, as for libpng. */
function measuredTag(gama: Buffer | undefined, chrm: Buffer | undefined): ColourTag | undefined {
  const gamma = gama?.length === 4 ? gama.readUInt32BE(0) : 0;
  const hasGamma = gamma >= GAMMA_MIN && gamma <= GAMMA_MAX;
  const chromaticities = chromaticitiesOf(chrm) ?? SRGB.chromaticities;
  const isUsual = !hasGamma || Math.abs((gamma * 2.2) / 100_000 - 1) < GAMMA_TOLERANCE;
  // §11.3.2.5 has writers of sRGB put the power 1/2.2 beside it, for readers that know no better.
  if (isUsual && areSrgb(chromaticities)) return undefined;
  return { space: { chromaticities, curve: hasGamma ? power(100_000 / gamma) : SRGB.curve } };
}

function chromaticitiesOf(chrm: Buffer | undefined): Chromaticities | undefined {
  if (chrm?.length !== 32) return undefined;
  const number = (index: number) => chrm.readInt32BE(index * 4) / 100_000;
  const [whiteX, whiteY, redX, redY, greenX, greenY, blueX, blueY] = [0, 1, 2, 3, 4, 5, 6, 7].map(number);
  const found = [redX, redY, greenX, greenY, blueX, blueY, whiteX, whiteY] as unknown as Chromaticities;
  return colorants(found) && found;
}

/** A PNG with this profile; it must have none. */
export function withProfile(png: Buffer, profile: Buffer): Buffer {
  // §11.3.2.3: name, end of the name, compression method 0, profile.
  const data = Buffer.concat([Buffer.from('iCCPtag\0\0', 'latin1'), deflateSync(profile)]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length - 4, 0);
  frame.writeUInt32BE(crc32(data), 4);
  return Buffer.concat([
    png.subarray(0, AFTER_HEADER),
    frame.subarray(0, 4),
    data,
    frame.subarray(4),
    png.subarray(AFTER_HEADER),
  ]);
}
