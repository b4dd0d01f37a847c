// The boards of an overlay: as files that Grafana's provisioning reads, and as the objects that bring them into the cluster.
import type { IConfigMap } from 'kubernetes-models/v1';
import type { Overlay } from '../../overlays.ts';
import type { Board } from './board.ts';
import { dashboardOf } from './grafana.ts';
import { services } from './services.ts';

/** Everything that a panel asks has somebody there who tells it. */
export const boardsOf = (_overlay: Overlay): readonly Board[] => [services];

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
