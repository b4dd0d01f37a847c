// What every store's view has in common: a table of what it holds now, a page at a time.
import { z } from 'zod';
import { wholeNumber } from '#runtime/config.ts';

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

/** The view asked for, or the first. */
export const chosenView = <View extends string>(views: readonly View[], asked: string | undefined): View =>
  views.find((view) => view === asked) ?? views[0]!;
