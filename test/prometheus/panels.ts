// The panels of an overlay's boards as Grafana would ask for them, and which of them are not answered.

import { titleOf } from '../../k8s/observability/dashboards/board.ts';
import { boardsOf } from '../../k8s/observability/dashboards/dashboards.ts';
import { dashboardOf } from '../../k8s/observability/dashboards/grafana.ts';
import type { Source } from '../../k8s/observability/queries/query.ts';
import type { Overlay } from '../../k8s/overlays.ts';
import type { PrometheusRig, Sample } from './rig.ts';

/** One question of a panel. */
export interface Question {
  /** Board, panel and query, for people. */
  readonly name: string;
  readonly promql: string;
  readonly source: Source;
}

/** Grafana's own variables, as over the last minute of a rig that asks each second. */
const MACROS: ReadonlyMap<string, string> = new Map([
  ['$__rate_interval', '10s'],
  ['$__range', '60s'],
  ['$process', '.+'],
]);

/** @throws Error when a variable of Grafana is left */
function filledIn(expr: string): string {
  const promql = [...MACROS].reduce((text, [macro, value]) => text.replaceAll(macro, value), expr);
  if (promql.includes('$')) throw new Error(`nothing fills in ${promql}`);
  return promql;
}

/** All that the boards ask of Prometheus, from the very JSON that Grafana is given. */
export function questionsOf(overlay: Overlay): Question[] {
  return boardsOf(overlay).flatMap((board) => {
    const shown = (dashboardOf(board).panels ?? []).filter((panel) => panel.type !== 'row');
    return board.rows
      .flatMap(({ panels }) => panels)
      .flatMap((panel, index) => {
        if ('log' in panel) return [];
        const { title, targets = [] } = shown[index] as { title?: string; targets?: { expr: string }[] };
        if (title !== titleOf(panel)) throw new Error(`${board.title} shows ${title} for ${titleOf(panel)}`);
        return panel.queries.map(
          (query, at): Question => ({
            name: `${board.title} / ${title} / ${query.title}`,
            promql: filledIn(targets[at]!.expr),
            source: query.source,
          }),
        );
      });
  });
}

/** How long a running shop is asked until each panel shows something. */
const PATIENCE_MS = 45_000;

/** Panels that stay without an answer, and of which process. */
export async function unanswered(
  rig: PrometheusRig,
  questions: readonly Question[],
  patienceMs = PATIENCE_MS,
): Promise<string[]> {
  const deadline = performance.now() + patienceMs;
  let open = questions.map((question) => ({ question, silent: ['anybody'] }));
  do {
    const asked = open.map(async ({ question }) => ({
      question,
      silent: silentIn(question.source, await rig.query(question.promql)),
    }));
    open = (await Promise.all(asked)).filter(({ silent }) => silent.length > 0);
  } while (open.length > 0 && performance.now() < deadline);
  return open.map(({ question, silent }) => `${question.name}: nothing of ${silent.join(', ')}`);
}

/** Who should be in an answer and is not. An answer that names no process need only be there. */
function silentIn(source: Source, samples: readonly Sample[]): string[] {
  if (samples.length === 0) return 'processes' in source ? [...source.processes] : [...source.exporters];
  if (!('processes' in source) || samples.every(({ metric }) => metric.process === undefined)) return [];
  return source.processes.filter((name) => samples.every(({ metric }) => metric.process !== name));
}
