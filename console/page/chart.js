// The stacked bars: draws columns, follows the scheme and the width, tells which minute is pointed at.
import uPlot from '../vendor/uplot/dist/uPlot.esm.js';
import { bytesText, clockText } from './format.js';
import { stack, toColumns } from './series.js';

const HEIGHT = 280;
const HALF_MINUTE_S = 30;

/** A chart in `box`. `colorOf` and `isShown` are asked at each drawing; `onPoint` gets the minute's rows, or undefined. */
export function createChart(box, { colorOf, isShown, onPoint }) {
  let plot;
  let totals;
  let data;
  let pointed;

  const shownLabels = () => totals.labels.filter(isShown);

  /** Columns for the plot. Later series are drawn over earlier ones, so the highest stack comes first. */
  const plotData = () => {
    const tops = stack(totals.labels, data.columns, isShown);
    return [data.times.map((time) => time + HALF_MINUTE_S), ...shownLabels().map((label) => tops.get(label))];
  };

  const draw = () => {
    if (!totals) return;
    plot?.destroy();
    plot = new uPlot(
      options({ box, labels: shownLabels(), colorOf, point, range: () => data.range }),
      plotData(),
      box,
    );
  };

  const point = (at) => {
    if (at === pointed) return;
    pointed = at;
    if (at === undefined) {
      onPoint(undefined);
      return;
    }
    const rows = shownLabels().map((label) => [label, data.columns.get(label)[at]]);
    const left = plot.valToPos(data.times[at] + HALF_MINUTE_S, 'x') + plot.over.offsetLeft;
    onPoint({ time: new Date(data.times[at] * 1_000), rows: rows.filter(([, bytes]) => bytes > 0), left });
  };

  new ResizeObserver(() => {
    if (plot && plot.width !== box.clientWidth) plot.setSize({ width: box.clientWidth, height: HEIGHT });
  }).observe(box);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

  return {
    show(next) {
      const isSameForm = plot && String(totals.labels) === String(next.labels);
      totals = next;
      data = toColumns(next);
      if (isSameForm) plot.setData(plotData());
      else draw();
    },
    draw,
    /** Points at the next or previous minute, for the keyboard. */
    step(by) {
      if (!totals) return;
      const start = pointed ?? (by > 0 ? -1 : totals.minutes);
      point(Math.min(totals.minutes - 1, Math.max(0, start + by)));
    },
    leave: () => point(undefined),
  };
}

function options({ box, labels, colorOf, point, range }) {
  const style = getComputedStyle(box);
  const axis = { stroke: style.color, font: `12px ${style.fontFamily}`, ticks: { show: false } };
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
        paths: uPlot.paths.bars({ size: [0.8, 40] }),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => point(cursor.left >= 0 ? (cursor.idx ?? undefined) : undefined)] },
  };
}
