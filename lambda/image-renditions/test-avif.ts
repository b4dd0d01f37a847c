// AVIF files of any make for specs: pictures that sharp has encoded, in boxes of our own.
import { type Codes, flat, type Rgb, uint16, uint32 } from './test-colours.ts';

interface Box {
  readonly type: string;
  readonly body: Buffer;
}

/** ISO/IEC 14496-12 §4.2 */
export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0));
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...parts]);
}

/** The boxes at one level, for well-formed files only. */
function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const body = bytes.subarray(at + 8, at + bytes.readUInt32BE(at));
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), body });
  }
  return boxes;
}

const colrBox = ([primaries, transfer, matrix]: Codes): Buffer =>
  box('colr', Buffer.from('nclx'), uint16(primaries, transfer, matrix), Buffer.of(0x80));

/** A picture within a file. */
export interface AvifItem {
  readonly type: string;
  readonly properties: readonly Buffer[];
  readonly data: Buffer;
  /** Ids of the items that it is made of; ids count from one. */
  readonly madeOf?: readonly number[];
}

export interface AvifFile {
  readonly items: readonly AvifItem[];
  /** Without one the file has no still picture. */
  readonly primary?: number;
  /** Major brand first. */
  readonly brands?: readonly string[];
  /** Boxes that follow. */
  readonly more?: readonly Buffer[];
}

/** The one picture of a file that sharp has written without transparency. */
export function itemOf(avif: Buffer, codes?: Codes): AvifItem {
  const top = new Map(boxesIn(avif).map(({ type, body }) => [type, body]));
  const children = boxesIn(top.get('meta')?.subarray(4) ?? Buffer.alloc(0));
  const iprp = children.find(({ type }) => type === 'iprp')?.body ?? Buffer.alloc(0);
  const ipco = boxesIn(iprp).find(({ type }) => type === 'ipco')?.body ?? Buffer.alloc(0);
  const properties = boxesIn(ipco).map(({ type, body }) => box(type, body));
  return {
    type: 'av01',
    properties: codes ? [...properties, colrBox(codes)] : properties,
    data: top.get('mdat') ?? Buffer.alloc(0),
  };
}

/** Tiles side by side, all of one size: ISO/IEC 23008-12 §6.6.2.3. */
export const gridOf = (tiles: readonly number[], edge: number): AvifItem => ({
  type: 'grid',
  properties: [box('ispe', uint32(0, edge * tiles.length, edge))],
  data: Buffer.concat([Buffer.of(0, 0, 0, tiles.length - 1), uint16(edge * tiles.length, edge)]),
  madeOf: tiles,
});

/** ISO/IEC 23008-12 §9 and §6: every item with its own properties. */
export function avifFile({ items, primary, brands = ['avif', 'mif1', 'miaf'], more = [] }: AvifFile): Buffer {
  const [major = '', ...compatible] = brands;
  const ftyp = box(
    'ftyp',
    Buffer.from(major),
    uint32(0),
    ...[major, ...compatible].map((brand) => Buffer.from(brand)),
  );
  const mdat = box('mdat', ...items.map(({ data }) => data));
  if (primary === undefined) return Buffer.concat([ftyp, mdat, ...more]);
  return Buffer.concat([ftyp, mdat, metaBox(items, primary, ftyp.length + 8), ...more]);
}

function metaBox(items: readonly AvifItem[], primary: number, dataAt: number): Buffer {
  const full = uint32(0);
  const hdlr = box('hdlr', full, uint32(0), Buffer.from('pict'), Buffer.alloc(13));
  const pitm = box('pitm', full, uint16(primary));
  const infes = items.map(({ type }, at) =>
    box('infe', uint32(0x02_00_00_00), uint16(at + 1, 0), Buffer.from(type), Buffer.of(0)),
  );
  let offset = dataAt;
  const places = items.map(({ data }, at) => {
    offset += data.length;
    return Buffer.concat([uint16(at + 1, 0, 1), uint32(offset - data.length, data.length)]);
  });
  const iloc = box('iloc', full, Buffer.of(0x44, 0), uint16(items.length), ...places);
  const references = items.flatMap(({ madeOf }, at) =>
    madeOf ? [box('dimg', uint16(at + 1, madeOf.length, ...madeOf))] : [],
  );
  let property = 0;
  const associations = items.map(({ properties }, at) =>
    Buffer.concat([uint16(at + 1), Buffer.of(properties.length, ...properties.map(() => (property += 1)))]),
  );
  const ipco = box('ipco', ...items.flatMap(({ properties }) => properties));
  const ipma = box('ipma', full, uint32(items.length), ...associations);
  return box(
    'meta',
    full,
    hdlr,
    pitm,
    iloc,
    box('iinf', full, uint16(items.length), ...infes),
    ...(references.length > 0 ? [box('iref', full, ...references)] : []),
    box('iprp', ipco, ipma),
  );
}

/** The same pixels, tagged. */
export const tagAvif = (avif: Buffer, codes: Codes): Buffer =>
  avifFile({ items: [itemOf(avif, codes)], primary: 1 });

/** One colour, under the codes. */
export const avifOf = (rgb: Rgb, codes: Codes) =>
  flat(rgb)
    .avif({ quality: 100, effort: 0, chromaSubsampling: '4:4:4' })
    .toBuffer()
    .then((avif) => tagAvif(avif, codes));
