// What every store's view has in common: a table of what it holds now, a page at a time.
import { z } from 'zod';
import { wholeNumber } from '#runtime/config.ts';
import { AppError } from '#runtime/errors.ts';

export type Cell = string | number | null;

export interface Column {
  readonly name: string;
  /** Numbers are set flush right. */
  readonly isNumber?: boolean;
}

/** One page of one view of a store. */
export interface StoreTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** The views there are and which this is; a store with one kind of content has none. */
  readonly views: readonly string[];
  readonly view?: string;
  /** Value of `after` for the next page; absent on the last. */
  readonly next?: string;
  /** A sentence about this view. */
  readonly about: string;
}

/** Which page of which view. */
export const storeQuery = z.object({
  view: z.string().max(100).optional(),
  limit: wholeNumber(1, 200).default(25),
  after: z.string().max(500).optional(),
});
export type StoreQuery = z.infer<typeof storeQuery>;

export interface Store {
  /** In its address: `/stores/<name>`. */
  readonly name: string;
  readonly title: string;
  /** Reads now; throws what the store's client throws. */
  readonly read: (query: StoreQuery) => Promise<StoreTable>;
}

/** A query that this store cannot answer; the message says which field, and what it must be. */
export class BadQuery extends AppError {
  constructor(detail: string) {
    super('bad-query', detail);
  }
}

const OFFSET_MAX = 1_000_000;

/**
 * Where a page begins that is counted in rows.
 * @throws BadQuery for what is no `next` of such a store
 */
export function offsetOf(after: string | undefined): number {
  const offset = Number(after ?? 0);
  if (!/^\d{1,7}$/.test(after ?? '0') || offset > OFFSET_MAX) {
    throw new BadQuery(`after must be the next of a page before: a whole number up to ${OFFSET_MAX}.`);
  }
  return offset;
}

/** The view asked for, or the first. */
export const chosenView = <View extends string>(views: readonly View[], asked: string | undefined): View =>
  views.find((view) => view === asked) ?? views[0]!;
