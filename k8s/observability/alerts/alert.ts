// What an alert is: a condition on a query that panels ask too, how long it must hold, and what its reader gets to read.
import type { Overlay } from '../../overlays.ts';
import { type Asking, ask, type Query, type Source } from '../queries/query.ts';

/** `critical` wakes the person on call; `warning` waits for the next working hour; `none` is no fault. */
export type Severity = 'critical' | 'warning' | 'none';

export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  /** True of each series that it yields. */
  readonly promql: string;
  /** How long without a break. */
  readonly for: string;
  /** One line, with the process it is about. Both texts may name labels of the series, but not those below: `{{ $labels.process }}`. */
  readonly summary: string;
  readonly description: string;
  /** `docs/runbooks/<page>.md` */
  readonly page: string;
  /** The sources of the metrics that it reads: without them the alert is left out. */
  readonly sources: readonly Source[];
  /** Kind of overlay that has it. @default each whose sources are there */
  readonly only?: Overlay['kind'];
  /** Beside those of its series. @default none */
  readonly labels?: Readonly<Record<string, string>>;
}

type Text = Pick<Alert, 'name' | 'severity' | 'for' | 'summary' | 'description' | 'page'>;

/** A query over a window, as part of a condition. */
export const part = (query: Query, window = '5m', scope?: Asking['scope']): string =>
  `(${ask(query, { window, ...(scope === undefined ? {} : { scope }) })})`;

/** Of one query, whose sources are the alert's. */
export const alertOn = (query: Query, window: string, condition: string, text: Text): Alert => ({
  ...text,
  promql: `${part(query, window)} ${condition}`,
  sources: [query.source],
});

/** Of several queries. */
export const alertOf = (queries: readonly Query[], promql: string, text: Text): Alert => ({
  ...text,
  promql,
  sources: queries.map(({ source }) => source),
});
