// The rules of an overlay: what is recorded and what is watched, as files for a Prometheus that reads them itself and as objects for the
// operator's. Both hold the same groups.

import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { IConfigMap } from 'kubernetes-models/v1';
import { stringify } from 'yaml';
import { orderService } from '#contracts/shop-processes.ts';
import { priceOf } from '../../../stacks/prices.ts';
import type { Overlay } from '../../overlays.ts';
import { NODE_PRICE } from '../queries/cost.ts';
import {
  EXPIRED,
  FAILED,
  RECORDED_EVERY_S,
  type Recorded,
  recordedMeans,
  recordedParts,
  SLOW,
} from '../queries/objectives.ts';
import { ANSWERING_NAMES } from '../queries/query.ts';
import { isAnswered } from '../queries/sources.ts';
import type { Alert } from './alert.ts';
import { analytics } from './analytics.ts';
import { burnRates } from './burn-rates.ts';
import { checkout } from './checkout.ts';
import { cluster } from './cluster.ts';
import { events } from './events.ts';
import { EXPIRED_MAX, objectiveOf } from './objectives.ts';
import { processes } from './processes.ts';
import { watchdog } from './watchdog.ts';

interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

export interface RuleGroup {
  readonly name: string;
  /** As often as rules are evaluated otherwise, unless named. */
  readonly interval?: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** All alerts, whether or not an overlay has the sources of their metrics. */
export const ALERTS: readonly (readonly [subject: string, alerts: readonly Alert[]])[] = [
  ['burn-rates', burnRates],
  ['processes', processes],
  ['events', events],
  ['checkout', checkout],
  ['analytics', analytics],
  ['cluster', cluster],
  ['watchdog', [watchdog]],
];

const isThere = ({ sources, only }: Alert, overlay: Overlay): boolean =>
  (only === undefined || only === overlay.kind) && sources.every((source) => isAnswered({ source }, overlay));

/** Counts are made of what is recorded, so the pace must be known. */
const RECORDED_EVERY = `${RECORDED_EVERY_S}s`;

/** Recordings first: a group's rules are evaluated one after another, and groups beside each other. */
export function ruleGroups(overlay: Overlay): readonly RuleGroup[] {
  const recorded: RuleGroup[] = [
    { name: 'objectives', interval: RECORDED_EVERY, rules: [...parts(), ...budgets()] },
    { name: 'objectives-over-time', interval: RECORDED_EVERY, rules: recordedMeans().map(recording) },
  ];
  const price = nodePrice(overlay);
  if (price) recorded.push({ name: 'prices', rules: [price] });
  const watched = ALERTS.flatMap(([name, alerts]): RuleGroup[] => {
    const rules = alerts.filter((alert) => isThere(alert, overlay)).map((alert) => ruleOf(alert, overlay));
    return rules.length > 0 ? [{ name, rules }] : [];
  });
  return [...recorded, ...watched];
}

const recording = ({ record, promql, labels }: Recorded): RecordingRule => ({
  record,
  expr: promql,
  ...(labels ? { labels } : {}),
});

const parts = (): RecordingRule[] => recordedParts((process) => objectiveOf(process).slowS).map(recording);

const budget = (record: string, process: string, value: number): RecordingRule => ({
  record,
  expr: `vector(${value})`,
  labels: { process },
});

const budgets = (): RecordingRule[] => [
  ...ANSWERING_NAMES.flatMap((name) => [
    budget(FAILED.budget, name, objectiveOf(name).failedMax),
    budget(SLOW.budget, name, objectiveOf(name).slowMax),
  ]),
  budget(EXPIRED.budget, orderService.name, EXPIRED_MAX),
];

/** Of the nodes that are always there; those that come for Flink alone cost about the same. */
function nodePrice(overlay: Overlay): RecordingRule | undefined {
  if (overlay.kind === 'local') return undefined;
  const [instanceType = ''] = overlay.settings.aws.eks.general.instanceTypes;
  return { record: NODE_PRICE, expr: `vector(${priceOf(instanceType).usd})` };
}

function ruleOf(alert: Alert, { repository }: Overlay): AlertingRule {
  const { name, promql, severity, labels = {}, summary, description } = alert;
  return {
    alert: name,
    expr: promql,
    for: alert.for,
    labels: { severity, ...labels },
    annotations: {
      summary,
      description,
      runbook_url: `${repository.url}/blob/${repository.revision}/${runbookOf(alert)}`,
    },
  };
}

/** From the root of the repository. */
export const runbookOf = ({ page }: Pick<Alert, 'page'>): string => `docs/runbooks/${page}.md`;

/** By file name, a group each. */
export const ruleFiles = (overlay: Overlay): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ruleGroups(overlay).map((group) => [
      `${group.name}.yaml`,
      stringify({ groups: [group] }, { lineWidth: 0 }),
    ]),
  );

/** Of the ConfigMap that Prometheus of a laptop's cluster mounts. */
export const RULES = 'prometheus-rules';

/** On AWS an object each for the operator, on a laptop a ConfigMap of files. */
export function ruleObjects(
  overlay: Overlay,
): ((IPrometheusRule | IConfigMap) & { apiVersion: string; kind: string })[] {
  if (overlay.kind === 'local')
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: RULES }, data: ruleFiles(overlay) }];
  return ruleGroups(overlay).map((group) => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: group.name },
    spec: { groups: [{ ...group, rules: [...group.rules] }] },
  }));
}
