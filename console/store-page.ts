// A store's table as HTML, in the look of the console. Pure; every text is escaped, since stores hold what others wrote.
import type { Problem } from './problem.ts';
import type { Cell, Store, StoreQuery, StoreTable } from './stores/store.ts';

export interface StorePage {
  readonly stores: readonly Pick<Store, 'name' | 'title'>[];
  readonly store: Pick<Store, 'name' | 'title'>;
  readonly table?: StoreTable;
  readonly query?: StoreQuery;
  readonly problem?: Problem;
}

/** The whole document. */
export function storePage({ stores, store, table, query, problem }: StorePage): string {
  const content = table
    ? tableSection(store.name, table, query ?? { limit: 25 })
    : problemSection(problem?.title ?? '', problem?.detail ?? '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(store.title)} · Image pipeline</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/style.css">
</head>
<body>
<header class="bar">
<a class="brand" href="/"><img src="/page/icon.svg" alt="" width="28" height="28">Image pipeline</a>
<nav aria-label="Stores"><a href="/">Live</a>${stores.map((other) => storeLink(other, other.name === store.name)).join('')}</nav>
</header>
<main class="store">
<h1>${escape(store.title)}</h1>
${content}
</main>
</body>
</html>`;
}

const storeLink = ({ name, title }: Pick<Store, 'name' | 'title'>, isCurrent: boolean): string =>
  `<a href="/stores/${name}"${isCurrent ? ' aria-current="page"' : ''}>${escape(title)}</a>`;

const problemSection = (title: string, detail: string): string =>
  `<p class="notice" role="status"><strong>${escape(title)}.</strong> ${escape(detail)}</p>`;

function tableSection(name: string, table: StoreTable, query: StoreQuery): string {
  const views = table.views.map((view) => viewLink(name, view, view === table.view)).join('');
  const head = table.columns
    .map(({ name: column, isNumber }) => `<th scope="col"${numberClass(isNumber)}>${escape(column)}</th>`)
    .join('');
  const rows = table.rows
    .map((row) => `<tr>${row.map((cell, at) => cellOf(cell, table.columns[at]?.isNumber)).join('')}</tr>`)
    .join('\n');
  const body =
    table.rows.length > 0
      ? `<div class="scroll" tabindex="0" role="region" aria-label="Content of the store"><table><thead><tr>${head}</tr></thead><tbody>
${rows}
</tbody></table></div>`
      : '<p class="notice">Nothing is here yet. Totals are published about a minute after their window has ended.</p>';
  return `<p class="lead">${escape(table.about)}</p>
${views ? `<nav class="views" aria-label="Views">${views}</nav>` : ''}
${body}
${pager(name, table, query)}`;
}

const viewLink = (name: string, view: string, isCurrent: boolean): string =>
  `<a href="${address(name, { view })}"${isCurrent ? ' aria-current="true"' : ''}>${escape(view)}</a>`;

const numberClass = (isNumber: boolean | undefined): string => (isNumber ? ' class="number"' : '');

function cellOf(cell: Cell, isNumber: boolean | undefined): string {
  if (cell === null) return '<td class="empty">–</td>';
  const text = isNumber ? grouped(String(cell)) : String(cell);
  return `<td${numberClass(isNumber)}>${escape(text)}</td>`;
}

/** `1234567` as `1 234 567` with narrow no-break spaces, whatever its length. */
const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, '\u202f');

function pager(name: string, table: StoreTable, query: StoreQuery): string {
  const kept = { ...(table.view ? { view: table.view } : {}), limit: String(query.limit) };
  const first = query.after ? `<a href="${address(name, kept)}">First page</a>` : '';
  const next = table.next
    ? `<a rel="next" href="${address(name, { ...kept, after: table.next })}">Next page</a>`
    : '';
  const parameters = { ...kept, ...(query.after ? { after: query.after } : {}) };
  return `<p class="pager">${first}${next}<a href="/api${address(name, parameters)}">This page as JSON</a></p>`;
}

const address = (name: string, parameters: Readonly<Record<string, string>>): string =>
  escape(`/stores/${name}?${new URLSearchParams(parameters).toString()}`);

const ENTITIES: ReadonlyMap<string, string> = new Map<string, string>(
  Object.entries({
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }),
);

/** Text as HTML text or attribute value. */
export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES.get(character)!);
