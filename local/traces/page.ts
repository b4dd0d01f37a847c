// Traces as pages: a list, and one trace as bars over its time. No script; everything that was sent to us is escaped.
import type { CollectedSpan, CollectedTrace } from './collected.ts';

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1d2433}
a{color:#1b5fc1}table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;text-align:left;border-bottom:1px solid #e3e7ee}
.name{width:26rem}.time{width:45%}.bar{position:relative;height:1.1rem;background:#f3f5f9}.bar i{position:absolute;top:0;bottom:0;min-width:2px;background:#3f7fd9;border-radius:2px}
.statement .name{color:#5b6678}.statement i{background:#9aa7bb}.failed i{background:#c9372c}small{color:#5b6678}`;

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${STYLE}</style><h1>${escapeHtml(title)}</h1>${body}</html>`;

const rootOf = ({ spans }: CollectedTrace): CollectedSpan =>
  spans.reduce((first, span) => (span.startMs < first.startMs ? span : first), spans[0]!);
const endOf = ({ spans }: CollectedTrace): number => Math.max(...spans.map(({ endMs }) => endMs));

/** The newest traces with how they began. */
export function listPage(traces: readonly CollectedTrace[]): string {
  const rows = traces.map((trace) => {
    const root = rootOf(trace);
    const services = new Set(trace.spans.map(({ service }) => service)).size;
    const started = new Date(root.startMs).toISOString().slice(11, 23);
    const lasted = (endOf(trace) - root.startMs).toFixed(0);
    return `<tr><td>${started}<td><a href="/traces/${escapeHtml(trace.traceId)}">${escapeHtml(root.name)}</a><td>${escapeHtml(root.service)}<td>${lasted} ms<td>${trace.spans.length} in ${services}</tr>`;
  });
  const head = '<tr><th>began<th>with<th>at<th>lasted<th>spans in services</tr>';
  return page('Traces', rows.length > 0 ? `<table>${head}${rows.join('')}</table>` : '<p>None yet.</p>');
}

const isStatement = ({ attributes }: CollectedSpan): boolean => Object.hasOwn(attributes, 'db.system.name');

/** One trace, each span as a bar under what caused it. An order has about a hundred statements: they are grey, and may be left out. */
export function tracePage(trace: CollectedTrace, { hasStatements = true } = {}): string {
  const from = rootOf(trace).startMs;
  const width = Math.max(endOf(trace) - from, 1);
  const shown = hasStatements ? trace.spans : trace.spans.filter((span) => !isStatement(span));
  const rows = nested(shown).map(({ span, depth }) => {
    const left = ((span.startMs - from) / width) * 100;
    const share = ((span.endMs - span.startMs) / width) * 100;
    const facts = Object.entries(span.attributes)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
    const indent = `padding-left:${0.6 + depth * 1.2}rem`;
    const look = [isStatement(span) && 'statement', span.isFailed && 'failed'].filter(Boolean).join(' ');
    return `<tr class="${look}" title="${escapeHtml(facts)}"><td class="name" style="${indent}">${escapeHtml(span.name)} <small>${escapeHtml(span.service)}</small><td class="time"><div class="bar"><i style="left:${left.toFixed(2)}%;width:${share.toFixed(2)}%"></i></div><td>+${(span.startMs - from).toFixed(0)} ms<td>${(span.endMs - span.startMs).toFixed(1)} ms</tr>`;
  });
  return page(
    `Trace ${trace.traceId}`,
    `<p><a href="/traces">all traces</a> · ${hasStatements ? '<a href="?statements=no">without statements</a>' : '<a href="?">with statements</a>'}</p><table>${rows.join('')}</table>`,
  );
}

/** Depth first, each level by start; what has no known parent stands at the top. */
function nested(spans: readonly CollectedSpan[]): { span: CollectedSpan; depth: number }[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  // Each once: ids that stand twice, or causes in a circle, would be shown without end.
  const shown = new Set<CollectedSpan>();
  const below = (parentId: string, depth: number): { span: CollectedSpan; depth: number }[] =>
    spans.flatMap((span) => {
      if (shown.has(span) || (known.has(span.parentId) ? span.parentId : '') !== parentId) return [];
      shown.add(span);
      return [{ span, depth }, ...below(span.spanId, depth + 1)];
    });
  const nestedSpans = below('', 0);
  // Spans whose parents form a circle have no top.
  return [...nestedSpans, ...spans.filter((span) => !shown.has(span)).map((span) => ({ span, depth: 0 }))];
}
