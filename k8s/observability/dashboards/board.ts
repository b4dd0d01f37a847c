// What a board is before Grafana's words for it: rows of panels, each with the queries that it asks.
import type { LogQuery } from '../queries/logs.ts';
import type { Query } from '../queries/query.ts';

interface Placed {
  /** @default the query's own */
  readonly title?: string;
  /** Of the 24 columns of a row. @default 8 */
  readonly span?: number;
}

export type Panel =
  /** Lines over time. Several queries share an axis, so they have one unit. */
  | (Placed & {
      readonly as: 'lines';
      readonly queries: readonly Query[];
      /** Whether a series leads to the traces and logs of its process. @default false */
      readonly hasSearches?: boolean;
    })
  /** A number each, over the whole time that is shown. */
  | (Placed & { readonly as: 'numbers'; readonly queries: readonly Query[] })
  /** Buckets of a histogram over time. */
  | (Placed & { readonly as: 'heat-map'; readonly queries: readonly [Query] })
  | (Placed & { readonly as: 'log-lines' | 'log-series'; readonly log: LogQuery });

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Board {
  /** Of its address in Grafana, and of its file. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  /** Whether its reader chooses processes; else it shows all of each query. */
  readonly hasProcessChoice: boolean;
  readonly rows: readonly Row[];
}

export const lines = (query: Query, over: Placed & { readonly hasSearches?: boolean } = {}): Panel => ({
  as: 'lines',
  queries: [query],
  ...over,
});
export const numbers = (title: string, queries: readonly Query[], over: Placed = {}): Panel => ({
  as: 'numbers',
  title,
  queries,
  ...over,
});

/** The title that a panel shows. */
export const titleOf = (panel: Panel): string =>
  panel.title ?? ('log' in panel ? panel.log.title : panel.queries.map(({ title }) => title).join(', '));
