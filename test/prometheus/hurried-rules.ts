// The overlay's own rules, hurried: every duration in them is a sixtieth of what it was, so that a minute of production is a second of a
// spec. Nothing else of a rule changes; a spec holds that.
import { parser } from '@prometheus-io/lezer-promql';
import { parse, stringify } from 'yaml';

/** A minute is a second. */
export const HASTE = 60;

interface Rule {
  readonly expr: string;
  readonly for?: string;
  readonly [field: string]: unknown;
}

interface Group {
  readonly interval?: string;
  readonly rules: readonly Rule[];
  readonly [field: string]: unknown;
}

interface RuleFile {
  readonly groups: readonly Group[];
}

const MS_OF: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);
const DURATION = /^(\d+(ms|s|m|h|d|w))+$/;

/** A duration as Prometheus writes it, `1m30s`, after haste. */
export function hurried(duration: string): string {
  if (!DURATION.test(duration)) throw new TypeError(`no duration: ${duration}`);
  const parts = duration.matchAll(/(\d+)(ms|s|m|h|d|w)/g);
  const ms = [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * MS_OF.get(unit!)!, 0);
  return `${Math.round(ms / HASTE)}ms`;
}

/** Each duration of an expression replaced: windows, offsets, steps. */
export function replaceDurations(promql: string, replace: (duration: string) => string): string {
  const places: { from: number; to: number }[] = [];
  parser.parse(promql).iterate({
    enter: ({ name, type, from, to }) => {
      if (type.isError) throw new SyntaxError(`no PromQL at ${from}: ${promql}`);
      if (name.startsWith('NumberDurationLiteral') && DURATION.test(promql.slice(from, to)))
        places.push({ from, to });
    },
  });
  return places.reduceRight(
    (text, { from, to }) => text.slice(0, from) + replace(text.slice(from, to)) + text.slice(to),
    promql,
  );
}

export const hurriedQuery = (promql: string): string => replaceDurations(promql, hurried);

/** By file name, as Prometheus reads them. */
export const hurriedRules = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([name, text]) => {
      const { groups } = parse(text) as RuleFile;
      return [name, stringify({ groups: groups.map(hurriedGroup) }, { lineWidth: 0 })];
    }),
  );

const hurriedGroup = (group: Group): Group => ({
  ...group,
  ...(group.interval ? { interval: hurried(group.interval) } : {}),
  rules: group.rules.map((rule) => ({
    ...rule,
    expr: hurriedQuery(rule.expr),
    ...(rule.for ? { for: hurried(rule.for) } : {}),
  })),
});
