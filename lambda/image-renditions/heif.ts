// The boxes of an AVIF file in; its brands, whether it holds a still picture, and that picture's colour codes out. Files come
// from strangers: a box that does not fit, or boxes without end, are an error, and nothing is read twice.
import type { CodePoints } from './colour-space.ts';

/** What the boxes say. */
export interface HeifBoxes {
  /** ISO/IEC 23008-12: a picture that is shown where no animation is. */
  readonly hasStill: boolean;
  /** A film, be it beside the still picture or instead of it. */
  readonly hasSequence: boolean;
  /** Colour codes of the still picture. Without them it is sRGB: ISO/IEC 23000-22 §7.3.6.4, even if the bitstream says otherwise. */
  readonly codePoints: CodePoints | undefined;
}

const AVIF_BRANDS: ReadonlySet<string> = new Set(['avif', 'avis']);
const MAJOR_BRAND_AT = 8;
/** Real files have a dozen boxes at a level. */
const BOXES_MAX = 10_000;
/** A grid is made of tiles; more than a few steps from one item to what it is made of is a loop. */
const DERIVATIONS_MAX = 8;

interface Box {
  readonly type: string;
  readonly body: Buffer;
}

/** Whether any brand says that this is an AVIF file, still or moving. */
export function isAvif(bytes: Buffer): boolean {
  if (bytes.toString('latin1', 4, 8) !== 'ftyp') return false;
  const end = Math.min(bytes.readUInt32BE(0), 1_024, bytes.length);
  for (let at = MAJOR_BRAND_AT; at + 4 <= end; at += 4) {
    // The four bytes after the major brand are its version.
    if (at !== MAJOR_BRAND_AT + 4 && AVIF_BRANDS.has(bytes.toString('latin1', at, at + 4))) return true;
  }
  return false;
}

/**
 * The file under the brand `avif`, which alone libvips reads as AVIF: it refuses `avis` and takes `mif1` for HEVC
 * (heifload.c of 8.18). The brand says what a file may be used as, not what it holds: nothing else changes.
 */
export function asStillAvif(bytes: Buffer): Buffer {
  if (!isAvif(bytes) || bytes.toString('latin1', MAJOR_BRAND_AT, MAJOR_BRAND_AT + 4) === 'avif') return bytes;
  const renamed = Buffer.from(bytes);
  renamed.write('avif', MAJOR_BRAND_AT, 'latin1');
  return renamed;
}

/**
 * Reads the boxes around the pictures.
 * @throws RangeError when they do not fit into each other
 */
export function readHeif(bytes: Buffer): HeifBoxes {
  const boxes = boxesOf(bytes);
  const meta = boxes.find(({ type }) => type === 'meta');
  const children = meta ? boxesOf(meta.body.subarray(4)) : [];
  const primary = primaryItem(children);
  return {
    hasStill: primary !== undefined,
    hasSequence: boxes.some(({ type }) => type === 'moov'),
    codePoints: primary === undefined ? undefined : codePointsOf(children, primary),
  };
}

/** ISO/IEC 14496-12 §4.2: size and type, then the body. */
function boxesOf(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const declared = bytes.readUInt32BE(at);
    const headerBytes = declared === 1 ? 16 : 8;
    const boxBytes = declared === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : declared || bytes.length - at;
    if (boxBytes < headerBytes) throw new RangeError('a box is smaller than its header');
    if (boxes.length === BOXES_MAX) throw new RangeError('too many boxes');
    const body = bytes.subarray(at + headerBytes, at + boxBytes);
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), body });
    at += boxBytes;
  }
  return boxes;
}

const bodyOf = (boxes: readonly Box[], type: string): Buffer | undefined =>
  boxes.find((box) => box.type === type)?.body;

/** Item ids have two bytes, or four in a later version of the box around them. */
const readId = (bytes: Buffer, at: number, isLong: boolean): number =>
  isLong ? bytes.readUInt32BE(at) : bytes.readUInt16BE(at);

/** ISO/IEC 14496-12 §8.11.4 */
function primaryItem(children: readonly Box[]): number | undefined {
  const pitm = bodyOf(children, 'pitm');
  return pitm && readId(pitm, 4, pitm.readUInt8(0) > 0);
}

/** Of the item, or of the first item that it is made of, and so on. */
function codePointsOf(children: readonly Box[], primary: number): CodePoints | undefined {
  const iprp = boxesOf(bodyOf(children, 'iprp') ?? Buffer.alloc(0));
  const properties = boxesOf(bodyOf(iprp, 'ipco') ?? Buffer.alloc(0));
  const iref = bodyOf(children, 'iref');
  let item: number | undefined = primary;
  for (let step = 0; item !== undefined && step < DERIVATIONS_MAX; step += 1) {
    for (const { type, body } of iprp) {
      const found = type === 'ipma' ? codePointsIn(body, item, properties) : undefined;
      if (found) return found;
    }
    item = iref && firstInput(iref, item);
  }
  return undefined;
}

/** ISO/IEC 23008-12 §9.3: which item has which properties, counted from one. */
function codePointsIn(ipma: Buffer, item: number, properties: readonly Box[]): CodePoints | undefined {
  const isLongId = ipma.readUInt8(0) > 0;
  const indexBytes = (ipma.readUInt8(3) & 1) + 1;
  let at = 8;
  for (let left = ipma.readUInt32BE(4); left > 0; left -= 1) {
    const id = readId(ipma, at, isLongId);
    at += isLongId ? 4 : 2;
    const end = at + 1 + ipma.readUInt8(at) * indexBytes;
    for (at += 1; at < end; at += indexBytes) {
      // The highest bit says whether the property is essential.
      const index = ipma.readUIntBE(at, indexBytes) & (indexBytes === 2 ? 0x7fff : 0x7f);
      const found = id === item ? readCodePoints(properties[index - 1]) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

/** ISO/IEC 14496-12 §12.1.5 */
function readCodePoints(property: Box | undefined): CodePoints | undefined {
  if (property?.type !== 'colr') return undefined;
  const { body } = property;
  if (!['nclx', 'nclc'].includes(body.toString('latin1', 0, 4))) return undefined;
  return { primaries: body.readUInt16BE(4), transfer: body.readUInt16BE(6), matrix: body.readUInt16BE(8) };
}

/** ISO/IEC 14496-12 §8.11.12, type `dimg`: the first of the items that this one is derived from. */
function firstInput(iref: Buffer, item: number): number | undefined {
  const isLongId = iref.readUInt8(0) > 0;
  const idBytes = isLongId ? 4 : 2;
  for (const { type, body } of boxesOf(iref.subarray(4))) {
    if (type !== 'dimg' || readId(body, 0, isLongId) !== item || body.readUInt16BE(idBytes) === 0) continue;
    return readId(body, idBytes + 2, isLongId);
  }
  return undefined;
}
