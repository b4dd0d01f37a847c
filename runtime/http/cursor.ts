// Lists in pages: a cursor says where the last page ended, so rows that come and go meanwhile shift nothing.
import { z } from 'zod';
import { Problem } from './problem.ts';
import { textFault } from './request-text.ts';

/** Query of every list: `limit` 1 to 100, 20 by default; `cursor` is the `next` of the page before. */
export const pageQuery = z.object({
  limit: z.int().min(1).max(100).default(20),
  cursor: z.string().min(1).max(512).optional(),
});

/** Answer of every list; without `next` it was the last page. */
export const cursorPage = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().optional() });

/**
 * A moment in a cursor, as Postgres and `toISOString` write it: a date that exists, in the years 2000 to 2999, with microseconds at
 * most. Postgres has no year 0, and fails on a fraction of many digits.
 */
export const cursorTime = z.iso.datetime().max('2026-11-24T08:14:00.000000Z'.length).startsWith('2');

/** An opaque text of the sort key of a page's last row. It is not secret and not signed: check it as any input. */
export const encodeCursor = (position: unknown): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/**
 * Reads a cursor back; undefined stays undefined: the first page.
 * @throws Problem 400 `invalid-cursor` for anything that is not of this list.
 */
export function decodeCursor<Position>(
  cursor: string | undefined,
  position: z.ZodType<Position>,
): Position | undefined {
  if (cursor === undefined) return undefined;
  const parsed = position.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  // Texts that no row can have: Postgres fails on U+0000, and takes half a character for another.
  if (parsed.success && !hasOddText(parsed.data)) return parsed.data;
  throw new Problem(400, 'invalid-cursor', 'The cursor is not of this list: leave it out to start anew.');
}

const hasOddText = (value: unknown): boolean =>
  typeof value === 'string'
    ? textFault(value) !== undefined
    : typeof value === 'object' && value !== null && Object.values(value).some(hasOddText);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A page of rows that were read with a limit of one more than asked for: the one too many says that there is a next. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => unknown,
  itemOf: (row: Row) => Item,
): { items: Item[]; next?: string } {
  const items = rows.slice(0, limit).map(itemOf);
  const last = rows[limit - 1];
  return rows.length > limit && last !== undefined
    ? { items, next: encodeCursor(positionOf(last)) }
    : { items };
}
