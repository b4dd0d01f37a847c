// What each chart makes with our values, as it was recorded (`npm run charts`): projects admit these kinds and no others.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from '../part.ts';

/** One object that a part puts into the cluster; without a namespace it is the cluster's. */
export interface Claim {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export const CHART_OBJECTS_FILE = join(import.meta.dirname, 'chart-objects.json');

/** By the part's name: the same in every overlay, since values differ there in sizes alone. */
export type ChartObjects = Readonly<Record<string, readonly Claim[]>>;

const recorded = new Map(
  Object.entries(JSON.parse(readFileSync(CHART_OBJECTS_FILE, 'utf8')) as ChartObjects),
);

/** @throws TypeError when the chart was never recorded */
export function chartObjects({ node }: Part): readonly Claim[] {
  const claims = recorded.get(node.id);
  if (!claims)
    throw new TypeError(`k8s/operators/chart-objects.json knows nothing of ${node.id}: npm run charts`);
  return claims;
}
