// A photo's Exif in; whether a camera says there that its colours are Adobe RGB, out. Exif of strangers: every place is
// checked by the reads themselves, and no place is followed twice.
import { ADOBE_RGB, type ColourTag } from './colour-space.ts';

const EXIF_MARK = 'Exif\0\0';
const TAG = { exifFolder: 0x8769, interopFolder: 0xa005, colourSpace: 0xa001, interopIndex: 1 } as const;
const UNCALIBRATED = 0xffff;
/** No tag of Exif, but cameras and editors write it. */
const ADOBE_RGB_CODE = 2;
/** "DCF option file (Adobe RGB)" of CIPA DC-009, by ExifTool's table of names (looked up 2026-11). "R98" is sRGB. */
const DCF_OPTION = 'R03';

/** The tag, if Exif has one that is not sRGB. Exif that cannot be read says nothing: decoders continue without it, too. */
export function readExifTag(exif: Buffer | undefined): ColourTag | undefined {
  try {
    return exif && isAdobeRgb(exif) ? { space: ADOBE_RGB } : undefined;
  } catch {
    return undefined;
  }
}

function isAdobeRgb(exif: Buffer): boolean {
  const hasMark = exif.toString('latin1', 0, EXIF_MARK.length) === EXIF_MARK;
  const tiff = hasMark ? exif.subarray(EXIF_MARK.length) : exif;
  const isBigEndian = tiff.toString('latin1', 0, 2) === 'MM';
  const read = {
    short: (at: number) => (isBigEndian ? tiff.readUInt16BE(at) : tiff.readUInt16LE(at)),
    long: (at: number) => (isBigEndian ? tiff.readUInt32BE(at) : tiff.readUInt32LE(at)),
  };
  /** Where the value of a tag is in a folder: TIFF 6.0 §2, twelve bytes an entry, the value in the last four. */
  const find = (folder: number, tag: number): number | undefined => {
    for (let left = read.short(folder), at = folder + 2; left > 0; left -= 1, at += 12) {
      if (read.short(at) === tag) return at + 8;
    }
    return undefined;
  };
  const exifAt = find(read.long(4), TAG.exifFolder);
  if (exifAt === undefined) return false;
  const spaceAt = find(read.long(exifAt), TAG.colourSpace);
  const space = spaceAt === undefined ? UNCALIBRATED : read.short(spaceAt);
  if (space === ADOBE_RGB_CODE) return true;
  const interopAt = space === UNCALIBRATED ? find(read.long(exifAt), TAG.interopFolder) : undefined;
  const indexAt = interopAt === undefined ? undefined : find(read.long(interopAt), TAG.interopIndex);
  return indexAt !== undefined && tiff.toString('latin1', indexAt, indexAt + 3) === DCF_OPTION;
}
