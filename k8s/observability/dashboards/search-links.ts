// Links into Grafana's own search, for the time that is shown: from numbers to the traces and logs behind them.
import { DashboardLinkBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { LOKI, TEMPO } from './data-sources.ts';

/** @param processes a pattern, or a variable that Grafana fills in */
export const tracesLink = (processes: string): DashboardLinkBuilder =>
  searchLink('Traces', TEMPO, {
    queryType: 'traceql',
    query: `{ resource.service.name =~ "${processes}" }`,
  });

/** @param processes a pattern, or a variable that Grafana fills in */
export const logsLink = (processes: string): DashboardLinkBuilder =>
  searchLink('Logs', LOKI, { expr: `{process=~"${processes}"}` });

function searchLink(
  title: string,
  dataSource: { readonly uid: string },
  query: object,
): DashboardLinkBuilder {
  const panes = {
    a: {
      datasource: dataSource.uid,
      queries: [{ refId: 'A', datasource: dataSource, ...query }],
      range: { from: '${__from}', to: '${__to}' },
    },
  };
  // Grafana fills its variables in as they are written: they must not be encoded.
  const encoded = encodeURIComponent(JSON.stringify(panes)).replaceAll(
    /%24%7B(.*?)%7D/g,
    (_, name: string) => `\${${decodeURIComponent(name)}}`,
  );
  return new DashboardLinkBuilder(title).url(`/explore?schemaVersion=1&panes=${encoded}`);
}
