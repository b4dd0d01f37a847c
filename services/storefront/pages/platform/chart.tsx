// Bytes a minute as stacked bars, drawn on the server: an SVG whose colours are tokens, so that it follows the colour scheme and
// needs no script. The script only adds that a minute can be pointed at (chart-browser.ts).
import { bytesText, clockText, wholeText } from './format.ts';
import { type Marks, type Minute, marksOf, minutesOf, roundUp, sumOf } from './minutes.ts';
import type { WindowsPartProps, WindowsQuery } from './props.ts';

/** Units of the drawing: it is stretched to the width that there is. */
const BAR = { place: 10, width: 8, margin: 1 };
const HEIGHT = 1_000;
const LINES = [4, 3, 2, 1, 0];

/** Everything of the chart that changes with the totals. */
export function Chart({ totals, query, locale }: WindowsPartProps) {
  const minutes = minutesOf(totals, query.without);
  const highest = roundUp(Math.max(0, ...minutes.map(({ height }) => height)));
  return (
    <>
      <Legend totals={totals} query={query} locale={locale} />
      <div class="chart">
        <div class="chart-scale" aria-hidden="true">
          {LINES.map((line) => (
            <span key={line}>{bytesText((highest * line) / 4, locale)}</span>
          ))}
        </div>
        <div class="chart-box">
          <Bars minutes={minutes} highest={highest} labels={totals.labels} locale={locale} />
        </div>
        <div class="chart-times" aria-hidden="true">
          {timesOf(minutes).map((start) => (
            <span key={start}>{clockText(start, locale)}</span>
          ))}
        </div>
      </div>
      {totals.windows.length === 0 && (
        <p class="notice">
          No events in this range yet. Upload a photo, and its bytes are here within seconds.
        </p>
      )}
    </>
  );
}

const Legend = ({ totals, query, locale }: WindowsPartProps) => (
  <ul class="legend" role="list" aria-label="Size labels: press one to leave it out">
    {totals.labels.map((label, at) => {
      const isLeftOut = query.without.includes(label);
      return (
        <li key={label}>
          <a href={windowsUrl(toggled(query, label))} data-left-out={isLeftOut ? 'yes' : undefined}>
            <span class={`swatch label-${at}`} aria-hidden="true" />
            <span class="visually-hidden">{isLeftOut ? 'Show ' : 'Leave out '}</span>
            {label} <span class="muted">{bytesText(sumOf(label, totals), locale)}</span>
          </a>
        </li>
      );
    })}
  </ul>
);

const toggled = ({ minutes, without }: WindowsQuery, label: string): WindowsQuery => ({
  minutes,
  without: without.includes(label) ? without.filter((other) => other !== label) : [...without, label],
});

/** The address of the page with this query. */
export function windowsUrl({ minutes, without }: WindowsQuery, path = '/platform/windows'): string {
  const query = new URLSearchParams({ minutes: String(minutes) });
  if (without.length > 0) query.set('without', without.join(','));
  return `${path}?${query.toString()}`;
}

interface BarsProps {
  readonly minutes: readonly Minute[];
  readonly highest: number;
  readonly labels: readonly string[];
  readonly locale: string;
}

const Bars = ({ minutes, highest, labels, locale }: BarsProps) => (
  <svg
    viewBox={`0 0 ${minutes.length * BAR.place} ${HEIGHT}`}
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    {LINES.map((line) => {
      const y = HEIGHT - (HEIGHT * line) / 4;
      return <line key={line} class="chart-line" x1="0" x2={minutes.length * BAR.place} y1={y} y2={y} />;
    })}
    {minutes.map((minute, at) => (
      <g key={minute.start} data-minute={minute.start} data-read={minuteText(minute, labels, locale)}>
        <rect class="chart-place" x={at * BAR.place} y="0" width={BAR.place} height={HEIGHT} />
        {minute.segments.map(({ label, bytes, top }) => (
          <rect
            key={label}
            class={`label-${labels.indexOf(label)}`}
            x={at * BAR.place + BAR.margin}
            y={HEIGHT - (HEIGHT * top) / highest}
            width={BAR.width}
            height={(HEIGHT * bytes) / highest}
          />
        ))}
        {isMarked(marksOf(minute.totals.values())) && (
          <rect
            class="chart-mark"
            x={at * BAR.place + BAR.margin}
            y={HEIGHT - 14}
            width={BAR.width}
            height="14"
          />
        )}
      </g>
    ))}
  </svg>
);

const isMarked = ({ lateEvents, revision, isRevisionDue }: Marks): boolean =>
  lateEvents > 0 || revision > 0 || isRevisionDue;

/** Enough to find one's way, evenly spaced, and few enough for a phone. */
function timesOf(minutes: readonly Minute[]): string[] {
  const last = minutes.length - 1;
  return [0, 0.25, 0.5, 0.75, 1].map((share) => minutes[Math.round(last * share)]!.start);
}

/** One minute in words, as it is read out. */
function minuteText({ start, totals }: Minute, labels: readonly string[], locale: string): string {
  const sizes = labels.flatMap((label) => {
    const total = totals.get(label);
    return total ? [`${label} ${bytesText(total.bytes, locale)}`] : [];
  });
  const marks = marksTexts(marksOf(totals.values()), locale);
  return `${clockText(start, locale)}: ${[...sizes, ...marks].join(', ') || 'no events'}`;
}

/** What there is to say of a window, in a few words each. */
export const marksTexts = (
  { isOpen, lateEvents, revision, isRevisionDue }: Marks,
  locale: string,
): string[] => [
  ...(isOpen ? ['open'] : []),
  ...(lateEvents > 0 ? [`${wholeText(lateEvents, locale)} late`] : []),
  ...(revision > 0 ? [`revision ${revision}`] : []),
  ...(isRevisionDue ? ['revision due'] : []),
];
