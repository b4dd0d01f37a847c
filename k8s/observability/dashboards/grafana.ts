// In: a board. Out: Grafana's JSON. The same board gives the same bytes; every panel and row has another id.
import {
  type Dashboard,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Board } from './board.ts';
import { PROMETHEUS } from './data-sources.ts';
import { PROCESS, panelBuilder } from './panels.ts';
import { logsLink, tracesLink } from './search-links.ts';

/** The chosen processes as a pattern. */
const CHOSEN = `\${${PROCESS}:pipe}`;

/** Of boards that link to each other. */
const TAG = 'two-cloud-shop';

export function dashboardOf(board: Board): Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.about)
    .tags([TAG])
    .timezone('browser')
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    // What Git holds is shown; changes at hand are lost at the next start.
    .readonly()
    .link(
      new DashboardLinkBuilder('Boards')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    );
  if (board.hasProcessChoice)
    builder.withVariable(processChoice()).link(tracesLink(CHOSEN)).link(logsLink(CHOSEN));
  let id = 0;
  const nextId = (): number => (id += 1);
  for (const row of board.rows) {
    builder.withRow(new RowBuilder(row.title).id(nextId()));
    for (const panel of row.panels) builder.withPanel(panelBuilder(panel, nextId(), board.hasProcessChoice));
  }
  return builder.build();
}

const processChoice = (): QueryVariableBuilder =>
  new QueryVariableBuilder(PROCESS)
    .label('Process')
    .description('Which processes are shown')
    .datasource(PROMETHEUS)
    .query(`label_values(process_start_time_seconds, ${PROCESS})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    // All that is ours: metrics of others have no such label.
    .allValue('.+')
    .current({ selected: true, text: 'All', value: '$__all' });
