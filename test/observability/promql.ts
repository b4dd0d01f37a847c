// What a query in PromQL asks for, read with Prometheus' own grammar.
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  readonly metric: string;
  /** Labels that its matchers name. */
  readonly labels: readonly string[];
}

export interface ReadQuery {
  readonly selectors: readonly Selector[];
  /** Labels that are grouped or matched by: `by (…)`, `on (…)`. */
  readonly grouping: readonly string[];
}

/** @throws SyntaxError with the place where it is no PromQL */
export function readPromql(promql: string): ReadQuery {
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  let isGrouping = false;
  parser.parse(promql).iterate({
    enter(node) {
      const text = promql.slice(node.from, node.to);
      if (node.type.isError) throw new SyntaxError(`no PromQL at ${node.from}: ${promql}`);
      if (node.name === 'GroupingLabels') isGrouping = true;
      if (node.name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      if (node.name === 'Identifier' && selectors.at(-1)?.metric === '') selectors.at(-1)!.metric = text;
      if (node.name !== 'LabelName') return;
      if (isGrouping) grouping.push(text);
      else selectors.at(-1)!.labels.push(text);
    },
    leave(node) {
      if (node.name === 'GroupingLabels') isGrouping = false;
    },
  });
  return { selectors, grouping };
}
