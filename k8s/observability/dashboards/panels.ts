// A panel of a board in, Grafana's builder of it out.
import { VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { DashboardLinkBuilder, type Panel as GrafanaPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as HeatMapBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as LogsBuilder } from '@grafana/grafana-foundation-sdk/logs';
import { DataqueryBuilder as LokiQuery } from '@grafana/grafana-foundation-sdk/loki';
import {
  DataqueryBuilder as PrometheusQuery,
  PromQueryFormat,
} from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { LogQuery } from '../queries/logs.ts';
import { ask, type Query } from '../queries/query.ts';
import { type Panel, titleOf } from './board.ts';
import { LOKI, PROMETHEUS } from './data-sources.ts';
import { logsLink, tracesLink } from './search-links.ts';

/** Of the variable by which a reader chooses processes. */
export const PROCESS = 'process';
const CHOSEN = `process=~"$${PROCESS}"`;
/** At least four samples, however far one has zoomed in. */
const WINDOW = '$__rate_interval';
const WHOLE_TIME = '$__range';
const COLUMNS = 8;
const HEIGHT = 8;

interface Builder {
  build(): GrafanaPanel;
}

/** Ids are the caller's: they must differ within a board. */
export function panelBuilder(panel: Panel, id: number, hasProcessChoice: boolean): Builder {
  const scope = hasProcessChoice ? { scope: CHOSEN } : {};
  const builder = visualization(panel, (query, window) => ask(query, { ...scope, window }), scope);
  return builder
    .id(id)
    .title(titleOf(panel))
    .span(panel.span ?? COLUMNS)
    .height(HEIGHT);
}

type Asked = (query: Query, window: string) => string;

function visualization(panel: Panel, asked: Asked, scope: { readonly scope?: string }) {
  switch (panel.as) {
    case 'lines':
      return linesOf(panel.queries, asked).dataLinks(panel.hasSearches ? SEARCHES : []);
    case 'numbers':
      return numbersOf(panel.queries, asked);
    case 'heat-map':
      return heatMapOf(panel.queries[0], asked);
    default:
      return logsOf(panel.log, scope);
  }
}

const about = (queries: readonly Query[]): string =>
  queries.length === 1
    ? queries[0]!.about
    : queries.map(({ title, about: text }) => `${title}: ${text}`).join('\n\n');

/** In a panel of several queries each series says which one it is of. */
const legendOf = (query: Query, isOneOfMany: boolean): string =>
  isOneOfMany ? [query.legend, /\bp\d+\b/.exec(query.title)?.[0]].filter(Boolean).join(' ') : query.legend;

const LETTERS = 'ABCDEFGHIJ';

const target = (query: Query, index: number, queries: readonly Query[], expr: string): PrometheusQuery =>
  new PrometheusQuery()
    .refId(LETTERS[index]!)
    .datasource(PROMETHEUS)
    .expr(expr)
    .legendFormat(legendOf(query, queries.length > 1));

const legend = (): VizLegendOptionsBuilder => new VizLegendOptionsBuilder().showLegend(true);

function linesOf(queries: readonly Query[], asked: Asked): LinesBuilder {
  const builder = new LinesBuilder()
    .description(about(queries))
    .datasource(PROMETHEUS)
    .unit(queries[0]!.unit)
    .axisSoftMin(0)
    .fillOpacity(10)
    .legend(legend());
  for (const [index, query] of queries.entries())
    builder.withTarget(target(query, index, queries, asked(query, WINDOW)).range());
  return builder;
}

function numbersOf(queries: readonly Query[], asked: Asked): StatBuilder {
  const builder = new StatBuilder().description(about(queries)).datasource(PROMETHEUS).unit(queries[0]!.unit);
  for (const [index, query] of queries.entries())
    builder.withTarget(target(query, index, queries, asked(query, WHOLE_TIME)).instant());
  return builder;
}

const heatMapOf = (query: Query, asked: Asked): HeatMapBuilder =>
  new HeatMapBuilder()
    .description(query.about)
    .datasource(PROMETHEUS)
    .unit(query.unit)
    .calculate(false)
    .showLegend()
    .withTarget(target(query, 0, [query], asked(query, WINDOW)).format(PromQueryFormat.Heatmap).range());

function logsOf(log: LogQuery, { scope }: { readonly scope?: string }): LogsBuilder | LinesBuilder {
  const expr = ask({ promql: log.logql }, { ...(scope ? { scope } : {}), window: '$__auto' });
  const query = new LokiQuery()
    .refId('A')
    .datasource(LOKI)
    .expr(expr)
    .legendFormat(log.legend)
    .queryType('range');
  if (log.gives === 'lines')
    return new LogsBuilder()
      .description(log.about)
      .datasource(LOKI)
      .showTime(true)
      .wrapLogMessage(true)
      .enableLogDetails(true)
      .withTarget(query.maxLines(200));
  return new LinesBuilder()
    .description(log.about)
    .datasource(LOKI)
    .unit('short')
    .axisSoftMin(0)
    .fillOpacity(10)
    .legend(legend())
    .withTarget(query);
}

/** A reader's way from a series to what its process did and said at that time. */
const SEARCHES: DashboardLinkBuilder[] = [tracesLink, logsLink].map((link) =>
  link('${__field.labels.process}'),
);
