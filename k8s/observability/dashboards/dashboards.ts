// The boards of an overlay: as files that Grafana's provisioning reads, and as the objects that bring them into the cluster.
import type { IConfigMap } from 'kubernetes-models/v1';
import type { Overlay } from '../../overlays.ts';
import { NODE_PRICE } from '../queries/cost.ts';
import { isAnswered, isLogged } from '../queries/sources.ts';
import { analytics } from './analytics.ts';
import type { Board, Panel, Row } from './board.ts';
import { checkout } from './checkout.ts';
import { cluster } from './cluster.ts';
import { cost } from './cost.ts';
import { flink } from './flink.ts';
import { dashboardOf } from './grafana.ts';
import { images } from './images.ts';
import { kafka } from './kafka.ts';
import { load } from './load.ts';
import { services } from './services.ts';

/** All there are, whether or not an overlay can fill them. */
export const BOARDS: readonly Board[] = [
  services,
  checkout,
  images,
  analytics,
  flink,
  kafka,
  cluster,
  cost,
  load,
];

/** Without panels whose metrics have no source in that overlay. */
export const boardsOf = (overlay: Overlay): readonly Board[] =>
  BOARDS.flatMap((board) => {
    const rows = board.rows.flatMap((row): Row[] => {
      const panels = row.panels.flatMap((panel) => panelIn(panel, overlay) ?? []);
      return panels.length > 0 ? [{ ...row, panels }] : [];
    });
    return rows.length > 0 ? [{ ...board, rows }] : [];
  });

function panelIn(panel: Panel, overlay: Overlay): Panel | undefined {
  if ('log' in panel) return isLogged(panel.log, overlay) ? panel : undefined;
  const isThere = panel.queries.every(
    (query) => isAnswered(query, overlay) && (overlay.kind === 'aws' || !query.promql.includes(NODE_PRICE)),
  );
  return isThere ? panel : undefined;
}

/** Grafana's JSON by file name, one board each. */
export const dashboardFiles = (overlay: Overlay): Readonly<Record<string, string>> =>
  Object.fromEntries(
    boardsOf(overlay).map((board) => [
      `${board.uid}.json`,
      `${JSON.stringify(dashboardOf(board), null, 1)}\n`,
    ]),
  );

/** Of the ConfigMap that Grafana of a laptop's cluster mounts. */
export const DASHBOARDS = 'grafana-dashboards';

/** On AWS one ConfigMap for each, by whose label the chart's sidecar finds it; on a laptop one, whose files Grafana mounts. */
export function dashboardObjects(overlay: Overlay): (IConfigMap & { apiVersion: 'v1'; kind: 'ConfigMap' })[] {
  const kept = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
  const files = dashboardFiles(overlay);
  if (overlay.kind === 'local') return [{ ...kept, metadata: { name: DASHBOARDS }, data: files }];
  return Object.entries(files).map(([file, json]) => ({
    ...kept,
    metadata: {
      name: `dashboard-${file.replace(/\.json$/, '')}`,
      labels: { grafana_dashboard: '1' },
    },
    data: { [file]: json },
  }));
}
