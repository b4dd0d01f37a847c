// What a picture's colours are to become, from the definitions alone, and what they have become: no code is shared with the
// product but the pipeline that is asked.
import { expect } from '@jest/globals';
import sharp from 'sharp';
import { makeRenditions } from './pipeline.ts';
import type { ImageFormat } from './plan.ts';
import { type Rgb, STORED } from './test-colours.ts';

export async function firstOf(format: ImageFormat, bytes: Buffer) {
  const result = await makeRenditions({ format }, bytes);
  if (!result.ok) throw new Error(`${result.rejection.reason}: ${result.rejection.detail}`);
  return result.renditions[0]?.body ?? Buffer.alloc(0);
}
export const shown = async (format: ImageFormat, bytes: Buffer): Promise<Rgb> => {
  const { channels } = await sharp(await firstOf(format, bytes)).stats();
  const [red, green, blue] = channels.map((channel) => Math.round(channel.mean));
  return [red ?? -1, green ?? -1, blue ?? -1];
};
export const rejectionOf = async (format: ImageFormat, bytes: Buffer) => {
  const result = await makeRenditions({ format }, bytes);
  return result.ok ? undefined : result.rejection;
};

/** Of three channels, the one that is furthest off. */
export const distance = (one: Rgb, two: Rgb) =>
  Math.max(...one.map((value, at) => Math.abs(value - (two[at] ?? 0))));
/**
 * JPEG at quality 82 moves a flat colour by up to 2 units, a lossy AVIF by 2, and each step that rounds to 8 bits by 1. A tag
 * that is ignored moves the colours below by 11 units and more.
 */
export const TOLERANCE = 5;
export const TOLD_APART = 10;

// The reference, from the definitions alone: to linear light, to XYZ, to linear sRGB, to sRGB. All whites here are D65, so that
// nothing is adapted.
export type Chroma = readonly number[];
export const D65 = [0.3127, 0.329];
export const P3: Chroma = [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, ...D65];
export const BT2020: Chroma = [0.708, 0.292, 0.17, 0.797, 0.131, 0.046, ...D65];
export const BT601_625: Chroma = [0.64, 0.33, 0.29, 0.6, 0.15, 0.06, ...D65];
export const BT601_525: Chroma = [0.63, 0.34, 0.31, 0.595, 0.155, 0.07, ...D65];
export const ADOBE: Chroma = [0.64, 0.33, 0.21, 0.71, 0.15, 0.06, ...D65];
export const BT709: Chroma = [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, ...D65];
export type Transfer = (value: number) => number;
export const srgbToLinear: Transfer = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const linearToSrgb: Transfer = (l) => (l <= 0.0031308 ? 12.92 * l : 1.055 * l ** (1 / 2.4) - 0.055);
export const gamma =
  (power: number): Transfer =>
  (v) =>
    v ** power;

function solve(rows: readonly (readonly number[])[], right: readonly number[]): number[] {
  const det = (m: readonly (readonly number[])[]): number => {
    const [[a = 0, b = 0, c = 0] = [], [d = 0, e = 0, f = 0] = [], [g = 0, h = 0, i = 0] = []] = m;
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  };
  const replaced = (column: number) =>
    rows.map((row, at) => row.map((value, index) => (index === column ? (right[at] ?? 0) : value)));
  return [0, 1, 2].map((column) => det(replaced(column)) / det(rows));
}
/** Rows X, Y, Z of the matrix from linear red, green, blue; the columns are scaled so that their sum is white. */
function xyzRows(chroma: Chroma): number[][] {
  const xyz = (at: number) => {
    const [x = 0, y = 0] = chroma.slice(at, at + 2);
    return [x / y, 1, (1 - x - y) / y];
  };
  const columns = [xyz(0), xyz(2), xyz(4)];
  const rows = [0, 1, 2].map((row) => columns.map((column) => column[row] ?? 0));
  const amounts = solve(rows, xyz(6));
  return rows.map((row) => row.map((value, at) => value * (amounts[at] ?? 0)));
}
export function expectedSrgb(chroma: Chroma, toLinear: Transfer, stored: Rgb): Rgb {
  const linear = stored.map((value) => toLinear(value / 255));
  const xyz = xyzRows(chroma).map((row) =>
    row.reduce((sum, value, at) => sum + value * (linear[at] ?? 0), 0),
  );
  const out = solve(xyzRows(BT709), xyz).map((value) => linearToSrgb(Math.min(1, Math.max(0, value))) * 255);
  return [out[0] ?? 0, out[1] ?? 0, out[2] ?? 0];
}

/** Expects that a picture whose pixels are `STORED` is shown in sRGB as its tag means it, and that the tag makes a difference. */
export async function expectConverted(
  format: ImageFormat,
  bytes: Buffer,
  [chroma, toLinear]: [Chroma, Transfer],
): Promise<void> {
  const expected = expectedSrgb(chroma, toLinear, STORED);
  expect(distance(STORED, expected)).toBeGreaterThan(TOLD_APART);
  expect(distance(await shown(format, bytes), expected)).toBeLessThanOrEqual(TOLERANCE);
}
