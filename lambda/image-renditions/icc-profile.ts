// An RGB space in, the ICC profile that describes it out: for libvips alone, no rendition carries one.
import { type Curve, colorants, D50, type RgbSpace } from './colour-space.ts';

const HEADER_BYTES = 128;
const TAG_ENTRY_BYTES = 12;

/**
 * A matrix profile of ICC.1, version 4: three colorants and one curve for all. Undefined for a space whose
 * chromaticities span no colours.
 */
export function iccProfile(space: RgbSpace): Buffer | undefined {
  const columns = colorants(space.chromaticities);
  if (!columns) return undefined;
  const [red, green, blue] = columns;
  const curve = parametricCurve(space.curve);
  return assemble([
    ['desc', text('space of the tag')],
    ['cprt', text('no copyright, use freely')],
    ['wtpt', xyz(D50)],
    ['rXYZ', xyz(red)],
    ['gXYZ', xyz(green)],
    ['bXYZ', xyz(blue)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ]);
}

/** Header, table of tags, tags. All parts have a length that is a multiple of four. */
function assemble(tags: readonly (readonly [name: string, data: Buffer])[]): Buffer {
  const table = Buffer.alloc(4 + tags.length * TAG_ENTRY_BYTES);
  table.writeUInt32BE(tags.length);
  let offset = HEADER_BYTES + table.length;
  for (const [index, [name, data]] of tags.entries()) {
    const entry = table.subarray(4 + index * TAG_ENTRY_BYTES);
    entry.write(name, 'latin1');
    entry.writeUInt32BE(offset, 4);
    entry.writeUInt32BE(data.length, 8);
    offset += data.length;
  }
  return Buffer.concat([header(offset), table, ...tags.map(([, data]) => data)]);
}

function header(bytes: number): Buffer {
  const written = Buffer.alloc(HEADER_BYTES);
  written.writeUInt32BE(bytes);
  written.writeUInt32BE(0x04_40_00_00, 8); // version 4.4
  written.write('mntrRGB XYZ ', 12, 'latin1'); // a display's profile, from RGB to XYZ
  written.writeUInt16BE(2026, 24); // a date is demanded: 1 January 2026, 0:00:00
  written.writeUInt16BE(1, 26);
  written.writeUInt16BE(1, 28);
  written.write('acsp', 36, 'latin1');
  written.set(fixed(D50), 68);
  return written;
}

/** XYZType */
const xyz = (values: readonly number[]): Buffer => Buffer.concat([signature('XYZ '), fixed(values)]);

/** parametricCurveType, function type 3 */
function parametricCurve({ g, a, b, c, d }: Curve): Buffer {
  return Buffer.concat([signature('para'), Buffer.of(0, 3, 0, 0), fixed([g, a, b, c, d])]);
}

/** multiLocalizedUnicodeType: one record, English, in UTF-16. The length is made even, so that the next tag begins at a multiple of four. */
function text(words: string): Buffer {
  const utf16 = Buffer.from(words.padEnd(words.length + (words.length % 2)), 'utf16le').swap16();
  const record = Buffer.alloc(20);
  record.writeUInt32BE(1, 0);
  record.writeUInt32BE(12, 4);
  record.write('enUS', 8, 'latin1');
  record.writeUInt32BE(utf16.length, 12);
  record.writeUInt32BE(28, 16);
  return Buffer.concat([signature('mluc'), record, utf16]);
}

/** Type of a tag's data, and four reserved bytes. */
const signature = (type: string): Buffer => Buffer.from(`${type}\0\0\0\0`, 'latin1');

/** s15Fixed16Number: sixteen bits behind the point */
function fixed(values: readonly number[]): Buffer {
  const written = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) written.writeInt32BE(Math.round(value * 65_536), at * 4);
  return written;
}
