// Bytes a minute and size label, as bars and as a table, with what came late and what was published again.
import type { ComponentChildren } from 'preact';

import { Chart, marksTexts, windowsUrl } from './chart.tsx';
import { clockText, wholeText } from './format.ts';
import { asOf, PlatformPage } from './layout.tsx';
import { type Minute, marksOf, minutesOf } from './minutes.ts';
import type { WindowsPartProps, WindowsProps, WindowsQuery } from './props.ts';
import { Tiles } from './tiles.tsx';

export function Windows({ frame, totals, query, streamUrl }: WindowsProps) {
  const known = 'sums' in totals ? totals : undefined;
  const part = known && { totals: known, query, locale: frame.locale };
  return (
    <PlatformPage
      frame={frame}
      title="Windows"
      lead="Bytes by minute and size label, as the analytics worker has counted them, exactly once, in Cloud SQL. A window is published when its minute is over; events that come later make a revision. Minutes are of the events’ own time, in UTC."
      live={{ streamUrl, state: 'sums' in totals ? asOf(totals.asOf, frame.locale) : totals }}
    >
      <dl class="tiles" data-part="tiles" aria-label="Numbers of the range">
        <Tiles totals={known} locale={frame.locale} />
      </dl>
      <Drawing query={query}>{part && <Chart {...part} />}</Drawing>
      <section>
        <h2 id="table-title">The same as a table</h2>
        <div class="scroll" tabIndex={0} role="region" aria-labelledby="table-title">
          <table data-part="table">{part && <WindowTable {...part} />}</table>
        </div>
      </section>
    </PlatformPage>
  );
}

const Drawing = ({ query, children }: { query: WindowsQuery; children: ComponentChildren }) => (
  <section class="panel" aria-labelledby="chart-title">
    <div class="platform-head">
      <h2 id="chart-title">Bytes a minute</h2>
      <Ranges query={query} />
    </div>
    <div
      class="chart-parts"
      data-part="chart"
      data-chart
      tabIndex={0}
      role="group"
      aria-labelledby="chart-title"
      aria-describedby="chart-hint"
    >
      {children}
    </div>
    <p class="chart-read" role="status" data-chart-read />
    <p class="hint" id="chart-hint">
      The left and right arrow keys read one minute after the other. A red foot marks late or revised windows.
    </p>
  </section>
);

const RANGES = [
  [15, '15 min'],
  [30, '30 min'],
  [60, '1 h'],
  [180, '3 h'],
] as const;

const Ranges = ({ query }: { query: WindowsQuery }) => (
  <nav class="chips" aria-label="Range">
    {RANGES.map(([minutes, name]) => (
      <a
        key={minutes}
        href={windowsUrl({ ...query, minutes })}
        aria-current={minutes === query.minutes ? 'true' : undefined}
      >
        {name}
      </a>
    ))}
  </nav>
);

/** What is in the table: the newest first; minutes without events are left out. */
export function WindowTable({ totals, locale }: WindowsPartProps) {
  const { labels } = totals;
  const minutes = minutesOf(totals).filter((minute) => minute.totals.size > 0);
  return (
    <>
      <thead>
        <tr>
          <th scope="col">Minute, UTC</th>
          {labels.map((label) => (
            <th key={label} scope="col" class="number">
              {label}
            </th>
          ))}
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {minutes.length === 0 && (
          <tr>
            <td colSpan={labels.length + 2}>Nothing was counted in this range.</td>
          </tr>
        )}
        {minutes.toReversed().map((minute) => (
          <Row key={minute.start} minute={minute} labels={labels} locale={locale} />
        ))}
      </tbody>
    </>
  );
}

const Row = ({ minute, labels, locale }: { minute: Minute; labels: readonly string[]; locale: string }) => {
  const marks = marksTexts(marksOf(minute.totals.values()), locale);
  return (
    <tr data-minute={minute.start}>
      <th scope="row">{clockText(minute.start, locale)}</th>
      {labels.map((label) => (
        <td key={label} class="number">
          {wholeText(minute.totals.get(label)?.bytes ?? 0, locale)}
        </td>
      ))}
      <td>
        {marks.length === 0 && 'published'}
        {marks.map((mark) => (
          <span key={mark} class="tag" data-mark={mark.replace(/[\d.,\s]+/g, '') || undefined}>
            {mark}
          </span>
        ))}
      </td>
    </tr>
  );
};
