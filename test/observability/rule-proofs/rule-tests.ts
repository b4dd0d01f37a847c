// Proofs in, files for `promtool test rules` out: each with the rules of one group, as they are deployed.
import { stringify } from 'yaml';
import { type RuleGroup, ruleGroups } from '../../../k8s/observability/alerts/rules.ts';
import type { Overlay } from '../../../k8s/overlays.ts';
import type { Case, Labels, Proof } from './proof.ts';

type Rule = RuleGroup['rules'][number];
type AlertingRule = Extract<Rule, { alert: string }>;

/** The alerts of an overlay. */
export const alertsOf = (overlay: Overlay): readonly AlertingRule[] =>
  ruleGroups(overlay).flatMap(({ rules }) => rules.filter((rule) => 'alert' in rule));

/** By file name; rules are expected in files of the same folder, as `ruleFiles` names them. */
export function ruleTestFiles(overlay: Overlay, proofs: readonly Proof[]): Readonly<Record<string, string>> {
  const groups = ruleGroups(overlay);
  const recorded = groups
    .filter(({ rules }) => rules.some((rule) => 'record' in rule))
    .map(({ name }) => name);
  const files = groups.flatMap(({ name, rules }) => {
    const alerts = rules.filter((rule) => 'alert' in rule);
    const tests = proofs
      .filter(({ alert }) => alerts.some((rule) => rule.alert === alert))
      .flatMap(({ alert, cases }) => cases.map((one) => testOf(one, alert, alerts)));
    if (tests.length === 0) return [];
    const files = [...(name === 'burn-rates' ? recorded : []), name].map((group) => `${group}.yaml`);
    const content = { rule_files: files, evaluation_interval: '1m', tests };
    return [[`${name}.test.yaml`, stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })]];
  });
  return Object.fromEntries(files) as Record<string, string>;
}

const testOf = ({ when, series, atM, fires }: Case, alert: string, rules: readonly AlertingRule[]) => ({
  name: `${alert}: ${when}`,
  interval: '1m',
  input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
  alert_rule_test: [
    {
      eval_time: `${atM}m`,
      alertname: alert,
      exp_alerts: fires.map((labels) => expected(alert, labels, rules)),
    },
  ],
});

/** What a receiver gets of a rule's alert with these labels. @throws TypeError when no rule adds such labels */
function expected(alert: string, labels: Labels, rules: readonly AlertingRule[]) {
  const rule = rules.find(
    (one) =>
      one.alert === alert &&
      Object.entries(one.labels).every(([name, value]) => name === 'severity' || labels[name] === value),
  );
  if (!rule) throw new TypeError(`no rule ${alert} yields ${JSON.stringify(labels)}`);
  // A template sees what the series has, not what the rule adds.
  const ofSeries = Object.fromEntries(
    Object.entries(labels).filter(([name]) => !Object.hasOwn(rule.labels, name)),
  );
  const annotations = Object.entries(rule.annotations).map(([name, text]) => [
    name,
    filledIn(text, ofSeries),
  ]);
  return {
    exp_labels: { ...labels, ...rule.labels },
    exp_annotations: Object.fromEntries(annotations) as Labels,
  };
}

const filledIn = (text: string, labels: Labels): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) =>
    Object.hasOwn(labels, name) ? labels[name]! : '',
  );
