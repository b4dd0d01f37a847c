// What a file says of its colours in; the RGB space that is meant out, or why it is not converted. Pure.

/** CIE 1931 chromaticities: x and y of red, green, blue and white. */
export type Chromaticities = readonly [
  redX: number,
  redY: number,
  greenX: number,
  greenY: number,
  blueX: number,
  blueY: number,
  whiteX: number,
  whiteY: number,
];

/** From a stored value v to linear light, both from 0 to 1: (a·v + b)^g from d upwards, c·v below. */
export interface Curve {
  readonly g: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** A space of red, green and blue. */
export interface RgbSpace {
  readonly chromaticities: Chromaticities;
  readonly curve: Curve;
}

/** A space that can be converted, or words for people about why not; they hold nothing but our own and numbers. */
export type ColourTag = { readonly space: RgbSpace } | { readonly refusal: string };

/** Code points of ITU-T H.273, as AVIF's `nclx` and PNG's `cICP` hold them. */
export interface CodePoints {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
}

/** A curve that is a mere power. */
export const power = (g: number): Curve => ({ g, a: 1, b: 0, c: 0, d: 0 });

/** IEC 61966-2-1. */
const SRGB_CURVE: Curve = { g: 2.4, a: 1 / 1.055, b: 0.055 / 1.055, c: 1 / 12.92, d: 0.04045 };
/** SMPTE ST 240, turned round: 1.1115·L^0.45 - 0.1115 from 0.0228 upwards, 4·L below. */
const ST240_CURVE: Curve = { g: 1 / 0.45, a: 1 / 1.1115, b: 0.1115 / 1.1115, c: 1 / 4, d: 4 * 0.0228 };

const D65 = [0.3127, 0.329] as const;
const ILLUMINANT_C = [0.31, 0.316] as const;

/** What everything untagged is taken for. */
export const SRGB: RgbSpace = {
  chromaticities: [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, ...D65],
  curve: SRGB_CURVE,
};

/** Adobe RGB (1998) Color Image Encoding, version 2005-05, §4.3.1: its gamma is 2 + 51/256. */
export const ADOBE_RGB: RgbSpace = {
  chromaticities: [0.64, 0.33, 0.21, 0.71, 0.15, 0.06, ...D65],
  curve: power(2 + 51 / 256),
};

/** ITU-T H.273 (07/2021), table 2; libheif's `nclx.cc` has the same numbers (looked up 2026-11). 2 is "unspecified". */
const PRIMARIES: ReadonlyMap<number, Chromaticities> = new Map<number, Chromaticities>([
  [1, SRGB.chromaticities],
  [2, SRGB.chromaticities],
  [4, [0.67, 0.33, 0.21, 0.71, 0.14, 0.08, ...ILLUMINANT_C]],
  [5, [0.64, 0.33, 0.29, 0.6, 0.15, 0.06, ...D65]],
  [6, [0.63, 0.34, 0.31, 0.595, 0.155, 0.07, ...D65]],
  [7, [0.63, 0.34, 0.31, 0.595, 0.155, 0.07, ...D65]],
  [8, [0.681, 0.319, 0.243, 0.692, 0.145, 0.049, ...ILLUMINANT_C]],
  [9, [0.708, 0.292, 0.17, 0.797, 0.131, 0.046, ...D65]],
  [11, [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.314, 0.351]],
  [12, [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, ...D65]],
  [22, [0.63, 0.34, 0.295, 0.605, 0.155, 0.077, ...D65]],
]);

/**
 * ITU-T H.273 (07/2021), table 3. The camera curves of television (1, 6, 11, 12, 14, 15) are read as sRGB's: so do browsers
 * and players (Chromium, `ui/gfx/color_space.cc`, looked up 2026-11), and so such pictures were made to look right.
 */
const CURVES: ReadonlyMap<number, Curve> = new Map([
  ...[1, 2, 6, 11, 12, 13, 14, 15].map((code): [number, Curve] => [code, SRGB_CURVE]),
  [4, power(2.2)],
  [5, power(2.8)],
  [7, ST240_CURVE],
  [8, power(1)],
]);

/** Light beyond the white of a page: to show it on one takes taste, not only arithmetic. */
const HDR_NAMES: ReadonlyMap<number, string> = new Map([
  [16, 'PQ (HDR)'],
  [18, 'HLG (HDR)'],
]);

/** Matrices that libheif undoes rightly: `nclx.cc` takes 10 for 9 and leaves 11 and 13 to 15 to BT.601's (looked up 2026-11). */
const MATRICES: ReadonlySet<number> = new Set([0, 1, 2, 4, 5, 6, 7, 8, 9, 12]);

/** The space that code points mean. */
export function tagOfCodePoints({ primaries, transfer }: CodePoints): ColourTag {
  const chromaticities = PRIMARIES.get(primaries);
  const curve = CURVES.get(transfer);
  if (!curve) return refusalOf(HDR_NAMES.get(transfer) ?? `transfer characteristics ${transfer}`);
  if (!chromaticities) return refusalOf(`colour primaries ${primaries}`);
  return { space: { chromaticities, curve } };
}

/** A refusal where the decoder would undo the matrix wrongly. */
export const refusalByMatrix = ({ matrix }: CodePoints): ColourTag | undefined =>
  MATRICES.has(matrix) ? undefined : refusalOf(`matrix coefficients ${matrix}`);

/** Says what the tag holds, and the remedy. */
export const refusalOf = (what: string): ColourTag => ({
  refusal: `its colours are tagged as ${what}, which is not converted; save the picture as sRGB`,
});

/** Chromaticities are written rounded, and PNG's have five digits: less than this is not seen. */
const CHROMATICITY_TOLERANCE = 0.002;

/** Whether chromaticities are those of sRGB, within rounding. */
export const areSrgb = (chromaticities: Chromaticities): boolean =>
  chromaticities.every(
    (value, at) => Math.abs(value - (SRGB.chromaticities[at] ?? 0)) < CHROMATICITY_TOLERANCE,
  );

/** Whether a space is sRGB, so that there is nothing to convert. */
export const isSrgb = ({ chromaticities, curve }: RgbSpace): boolean =>
  curve === SRGB_CURVE && areSrgb(chromaticities);

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

/** The white of every ICC profile: ICC.1, "PCS illuminant". */
export const D50: Vector = [0.9642, 1, 0.8249];

/** Bradford's cone responses, by which ICC.1 adapts a white to D50. */
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/**
 * CIE XYZ of red, green and blue, adapted to D50: the columns of a profile's matrix. Undefined for chromaticities that
 * span no colours, or none around their white.
 */
export function colorants(chromaticities: Chromaticities): Matrix | undefined {
  const [redX, redY, greenX, greenY, blueX, blueY, whiteX, whiteY] = chromaticities;
  const white = xyzOf(whiteX, whiteY);
  const columns: Matrix = [xyzOf(redX, redY), xyzOf(greenX, greenY), xyzOf(blueX, blueY)];
  const amounts = times(inverse(transposed(columns)), white);
  if (!amounts.every((amount) => amount > 0)) return undefined;
  const adaptation = times(BRADFORD, D50).map((cone, at) => cone / (times(BRADFORD, white)[at] ?? 0));
  const adapted = columns.map((column, at) => {
    const cones = times(BRADFORD, column).map(
      (cone, row) => cone * (adaptation[row] ?? 0) * (amounts[at] ?? 0),
    );
    return times(inverse(BRADFORD), vector(cones));
  });
  const [red, green, blue] = adapted;
  // A fixed-point number of a profile ends at 32768; honest colorants are between -1 and 2.
  const isSane = adapted.flat().every((value) => Math.abs(value) < 4);
  return red && green && blue && isSane ? [red, green, blue] : undefined;
}

const xyzOf = (x: number, y: number): Vector => [x / y, 1, (1 - x - y) / y];
const vector = ([x = 0, y = 0, z = 0]: readonly number[]): Vector => [x, y, z];
const dot = (one: Vector, two: Vector): number => one[0] * two[0] + one[1] * two[1] + one[2] * two[2];
const cross = (one: Vector, two: Vector): Vector => [
  one[1] * two[2] - one[2] * two[1],
  one[2] * two[0] - one[0] * two[2],
  one[0] * two[1] - one[1] * two[0],
];
const times = ([first, second, third]: Matrix, by: Vector): Vector => [
  dot(first, by),
  dot(second, by),
  dot(third, by),
];
const transposed = ([one, two, three]: Matrix): Matrix => [
  [one[0], two[0], three[0]],
  [one[1], two[1], three[1]],
  [one[2], two[2], three[2]],
];

/** By the adjugate: its columns are the cross products of the rows. Not finite for a matrix without an inverse. */
function inverse([one, two, three]: Matrix): Matrix {
  const determinant = dot(one, cross(two, three));
  const scaled = (column: Vector): Vector => vector(column.map((value) => value / determinant));
  return transposed([scaled(cross(two, three)), scaled(cross(three, one)), scaled(cross(one, two))]);
}
