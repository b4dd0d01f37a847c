// What a store holds now, as a table.
import type { StoreQuery, StoreTable } from '../../bff/console.ts';
import { wholeText } from './format.ts';
import { PlatformPage } from './layout.tsx';
import type { StoreProps } from './props.ts';

export const StoreView = ({ frame, stores, store, query, table, fault }: StoreProps) => (
  <PlatformPage
    frame={frame}
    title={store?.title ?? 'Stores'}
    lead={table?.about ?? 'What each store holds now.'}
  >
    <nav class="chips" aria-label="Stores">
      {stores.map(({ name, title }) => (
        <a key={name} href={storeUrl(name, {})} aria-current={name === store?.name ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
    {fault && (
      <p class="alert" role="alert">
        {fault}
      </p>
    )}
    {store && table && (
      <>
        <Views name={store.name} table={table} />
        <Content table={table} locale={frame.locale} />
        <Pager name={store.name} table={table} query={query} />
      </>
    )}
  </PlatformPage>
);

const Views = ({ name, table }: { name: string; table: StoreTable }) =>
  table.views.length > 0 ? (
    <nav class="views" aria-label="Content">
      {table.views.map((view) => (
        <a key={view} href={storeUrl(name, { view })} aria-current={view === table.view ? 'true' : undefined}>
          {view}
        </a>
      ))}
    </nav>
  ) : null;

const Content = ({ table: { columns, rows }, locale }: { table: StoreTable; locale: string }) =>
  rows.length === 0 ? (
    <p class="notice">
      Nothing is here yet. Totals are published about a minute after their window has ended.
    </p>
  ) : (
    <div class="scroll" tabIndex={0} role="region" aria-label="Content of the store">
      <table>
        <thead>
          <tr>
            {columns.map(({ name, isNumber }) => (
              <th key={name} scope="col" class={isNumber ? 'number' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {columns.map(({ name, isNumber }, at) => (
                <td key={name} class={isNumber ? 'number' : undefined}>
                  {cellText(cells[at] ?? null, isNumber, locale)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );

/** Numbers may be longer than a double holds; what is no whole number is shown as it is. */
function cellText(cell: string | number | null, isNumber: boolean | undefined, locale: string): string {
  if (cell === null) return '–';
  const text = String(cell);
  return isNumber && /^-?\d{1,60}$/.test(text) ? wholeText(text, locale) : text;
}

const Pager = ({ name, table, query }: { name: string; table: StoreTable; query: StoreQuery }) => {
  const kept = table.view === undefined ? {} : { view: table.view };
  if (!query.after && !table.next) return null;
  return (
    <nav class="more pages" aria-label="Pages">
      {query.after && (
        <a class="button quiet" href={storeUrl(name, kept)}>
          First page
        </a>
      )}
      {table.next && (
        <a class="button quiet" rel="next" href={storeUrl(name, { ...kept, after: table.next })}>
          Next page
        </a>
      )}
    </nav>
  );
};

function storeUrl(name: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return `/platform/stores/${name}${text && `?${text}`}`;
}
