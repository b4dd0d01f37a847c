// What a part puts into the cluster, and whence: its own objects, and those of its chart as they were recorded.

import { type Claim, chartObjects } from '../operators/chart-objects.ts';
import type { ChartPart } from '../operators/chart-part.ts';
import { CHARTS } from '../operators/charts.ts';
import type { Overlay } from '../overlays.ts';
import { isOfTheCluster, type KubeObject, type Part } from '../part.ts';

export const isChart = (part: Part): part is ChartPart => 'chart' in part.props;

export const objectsOf = (part: Part): KubeObject[] => part.toJson() as KubeObject[];

export const claimsOf = (part: Part): Claim[] => [
  ...objectsOf(part).map(claimOf),
  ...(isChart(part) ? chartObjects(part) : []),
];

function claimOf({ apiVersion, kind, metadata }: KubeObject): Claim {
  const { name = '', namespace } = metadata ?? {};
  const claim = { group: groupOf(apiVersion), kind, name };
  return isOfTheCluster(kind) || namespace === undefined ? claim : { ...claim, namespace };
}

/** `apps` of `apps/v1`; the core group has none. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** Our repository where the part has objects of ours, and the repository of its chart. */
export const repositoriesOf = (overlay: Overlay, part: Part): string[] => [
  ...(objectsOf(part).length > 0 ? [overlay.repository.url] : []),
  ...(isChart(part) ? [CHARTS[part.props.chart].repository] : []),
];
