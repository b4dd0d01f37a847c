// The stacked bars: draws columns, follows the scheme and the width, tells which minute is pointed at.
import uPlot from '../vendor/uplot/dist/uPlot.esm.js';
import { bytesText, clockText } from './format.js';
import { stack, toColumns } from './series.js';

/** @import { Totals } from '../answers.ts' */
/** @import { Columns } from './series.js' */
/** @typedef {{ time: Date, rows: [string, number][], left: number }} PointedMinute */

const bars = /** @type {uPlot.Series.BarsPathBuilderFactory} */ (uPlot.paths.bars);
const HEIGHT = 280;
const HALF_MINUTE_S = 30;

/**
 * A chart in `box`. `colorOf` and `isShown` are asked at each drawing; `onPoint` gets the minute's rows, or undefined.
 * @param {HTMLElement} box
 * @param {object} given
 * @param {(label: string) => string} given.colorOf
 * @param {(label: string) => boolean} given.isShown
 * @param {(minute: PointedMinute | undefined) => void} given.onPoint
 */
export function createChart(box, { colorOf, isShown, onPoint }) {
  /** @type {uPlot | undefined} */
  let plot;
  /** @type {{ totals: Totals, data: Columns } | undefined} */
  let shown;
  /** @type {number | undefined} */
  let pointed;

  const shownLabels = () => shown?.totals.labels.filter(isShown) ?? [];

  /** Columns for the plot. Later series are drawn over earlier ones, so the highest stack comes first. */
  /** @returns {uPlot.AlignedData} */
  const plotData = () => {
    if (!shown) return [[]];
    const { totals, data } = shown;
    const tops = stack(totals.labels, data.columns, isShown);
    return [
      data.times.map((time) => time + HALF_MINUTE_S),
      ...shownLabels().map((label) => tops.get(label) ?? []),
    ];
  };

  const draw = () => {
    if (!shown) return;
    plot?.destroy();
    plot = new uPlot(
      options({ box, labels: shownLabels(), colorOf, point, range: () => shown?.data.range ?? [0, 0] }),
      plotData(),
      box,
    );
  };

  /** @param {number | undefined} at */
  const point = (at) => {
    if (at === pointed) return;
    pointed = at;
    const time = at === undefined ? undefined : shown?.data.times[at];
    if (at === undefined || time === undefined || !plot) {
      onPoint(undefined);
      return;
    }
    /** @type {[string, number][]} */
    const rows = shownLabels().map((label) => [label, shown?.data.columns.get(label)?.[at] ?? 0]);
    const left = plot.valToPos(time + HALF_MINUTE_S, 'x') + plot.over.offsetLeft;
    onPoint({ time: new Date(time * 1_000), rows: rows.filter(([, bytes]) => bytes > 0), left });
  };

  new ResizeObserver(() => {
    if (plot && plot.width !== box.clientWidth) plot.setSize({ width: box.clientWidth, height: HEIGHT });
  }).observe(box);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

  return {
    /** @param {Totals} totals */
    show(totals) {
      const isSameForm = String(shown?.totals.labels) === String(totals.labels);
      shown = { totals, data: toColumns(totals) };
      if (plot && isSameForm) plot.setData(plotData());
      else draw();
    },
    draw,
    /**
     * Points at the next or previous minute, for the keyboard.
     * @param {number} by
     */
    step(by) {
      if (!shown) return;
      const { minutes } = shown.totals;
      const start = pointed ?? (by > 0 ? -1 : minutes);
      point(Math.min(minutes - 1, Math.max(0, start + by)));
    },
    leave: () => point(undefined),
  };
}

/**
 * @param {object} given
 * @param {HTMLElement} given.box
 * @param {string[]} given.labels
 * @param {(label: string) => string} given.colorOf
 * @param {(at: number | undefined) => void} given.point
 * @param {() => [number, number]} given.range
 * @returns {uPlot.Options}
 */
function options({ box, labels, colorOf, point, range }) {
  const style = getComputedStyle(box);
  const axis = { stroke: style.color, font: `12px ${style.fontFamily}`, ticks: { show: false } };
  /** @type {uPlot.Axis.DynamicValues} */
  const clockTicks = (_plot, ticks) => ticks.map((tick) => clockText(new Date(tick * 1_000)));
  return {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [12, 12, 0, 4],
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false, x: false }, points: { show: false } },
    scales: {
      x: { time: true, range },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1_000] },
    },
    axes: [
      { ...axis, size: 34, grid: { show: false }, values: clockTicks },
      {
        ...axis,
        size: 72,
        grid: { stroke: style.borderTopColor, width: 1 },
        values: (_plot, ticks) => ticks.map(bytesText),
      },
    ],
    series: [
      {},
      ...labels.map((label) => ({
        label,
        fill: colorOf(label),
        // The edge in the colour of the ground keeps neighbours apart for every eye.
        stroke: style.backgroundColor,
        width: 1,
        points: { show: false },
        paths: bars({ size: [0.8, 40] }),
      })),
    ],
    hooks: {
      setCursor: [({ cursor }) => point((cursor.left ?? -1) >= 0 ? (cursor.idx ?? undefined) : undefined)],
    },
  };
}
