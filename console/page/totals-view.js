// Totals on the page: tiles, legend, chart with its pointer, and the same as a table.
import { createChart } from './chart.js';
import { byId, element } from './elements.js';
import { bytesText, clockText, countText, wholeText } from './format.js';
import { toColumns } from './series.js';

/** @import { Totals } from '../answers.ts' */
/** @import { PointedMinute } from './chart.js' */
/** @import { Columns } from './series.js' */

/** @type {ReadonlyMap<string, number>} */
const STEPS = new Map([
  ['ArrowLeft', -1],
  ['ArrowRight', 1],
]);

/** Returns `show(totals)`. */
export function createTotalsView() {
  /** @type {Set<string>} */
  const hidden = new Set();
  const box = byId('chart');
  const pointer = element('div', { className: 'pointer', hidden: true });
  const chart = createChart(box, {
    isShown: (label) => !hidden.has(label),
    colorOf: (label) => getComputedStyle(byId(`swatch-${label}`)).backgroundColor,
    onPoint: (minute) => showPointer(pointer, box, minute),
  });
  box.append(pointer);
  box.addEventListener('keydown', (event) => {
    const by = STEPS.get(event.key);
    if (event.key === 'Escape') chart.leave();
    if (!by) return;
    event.preventDefault();
    chart.step(by);
  });
  box.addEventListener('blur', () => chart.leave());

  /** @type {Toggle} */
  const toggle = (label, button) => {
    if (!hidden.delete(label)) hidden.add(label);
    button.setAttribute('aria-pressed', String(!hidden.has(label)));
    chart.draw();
  };

  /** @param {Totals} totals */
  return (totals) => {
    const columns = toColumns(totals);
    showTiles(totals);
    showLegend(totals.labels, columns.sums, toggle);
    chart.show(totals);
    showTable(totals.labels, columns);
    const notice = byId('chart-notice');
    notice.hidden = totals.windows.length > 0;
    notice.textContent =
      'No events in this range yet. Drop a photo and its bytes appear here within seconds.';
  };
}

/** @param {Totals} totals */
function showTiles({ sums, minutes }) {
  setText('tile-bytes', bytesText(sums.bytes), `${wholeText(sums.bytes)} bytes`);
  setText('note-bytes', `${wholeText(sums.bytes)} bytes in the last ${countText(minutes, 'minute')}`);
  setText(
    'note-events',
    sums.lateEvents > 0 ? `of which ${wholeText(sums.lateEvents)} late` : 'one per rendition',
  );
  for (const name of /** @type {const} */ (['events', 'photos', 'deadLetters', 'lag']))
    setText(`tile-${name}`, wholeText(sums[name]));
  byId('tile-deadLetters').parentElement?.classList.toggle('warn', sums.deadLetters > 0);
}

/**
 * Writes only what is new: a rewrite of the same text would be read out again.
 * @param {string} id
 * @param {string} text
 * @param {string} [title]
 */
function setText(id, text, title) {
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
  if (title && target.title !== title) target.title = title;
}

/** @typedef {(label: string, button: HTMLElement) => void} Toggle */

/**
 * @param {readonly string[]} labels
 * @param {Columns['sums']} sums
 * @param {Toggle} toggle
 */
function showLegend(labels, sums, toggle) {
  const legend = byId('legend');
  if (legend.childElementCount !== labels.length) {
    legend.replaceChildren(
      ...labels.map((label, at) => {
        const button = element('button', { type: 'button' });
        button.setAttribute('aria-pressed', 'true');
        const swatch = element('span', { id: `swatch-${label}`, className: `swatch s${at}` });
        button.append(swatch, label, element('span', { id: `sum-${label}`, className: 'sum' }));
        button.addEventListener('click', () => toggle(label, button));
        return button;
      }),
    );
  }
  for (const label of labels) setText(`sum-${label}`, bytesText(sums.get(label) ?? 0));
}

/**
 * @param {HTMLElement} pointer
 * @param {HTMLElement} box
 * @param {PointedMinute | undefined} minute
 */
function showPointer(pointer, box, minute) {
  pointer.hidden = !minute;
  byId('chart-read').textContent = minute ? minuteText(minute) : '';
  if (!minute) return;
  const rows = minute.rows.map(([label, bytes]) => {
    const row = element('div');
    row.append(element('span', { textContent: label }), element('b', { textContent: bytesText(bytes) }));
    return row;
  });
  const none = element('div', { textContent: 'no events' });
  pointer.replaceChildren(
    element('time', { textContent: clockText(minute.time) }),
    ...(rows.length > 0 ? rows : [none]),
  );
  pointer.classList.toggle('flip', minute.left > box.clientWidth / 2);
  pointer.style.left = `${minute.left}px`;
}

/** @param {PointedMinute} minute */
function minuteText({ time, rows }) {
  const parts = rows.map(([label, bytes]) => `${label} ${bytesText(bytes)}`);
  return `${clockText(time)}: ${parts.join(', ') || 'no events'}`;
}

/**
 * @param {readonly string[]} labels
 * @param {Columns} columns
 */
function showTable(labels, { times, columns }) {
  const heading = ['Minute', ...labels].map((text) => element('th', { scope: 'col', textContent: text }));
  byId('table-head').replaceChildren(tableRow(heading));
  const rows = times.flatMap((time, at) => {
    const bytes = labels.map((label) => columns.get(label)?.[at] ?? 0);
    if (bytes.every((size) => size === 0)) return [];
    const cells = bytes.map((size) => element('td', { className: 'number', textContent: wholeText(size) }));
    const minute = element('th', { scope: 'row', textContent: clockText(new Date(time * 1_000)) });
    return [tableRow([minute, ...cells])];
  });
  byId('table-body').replaceChildren(...rows.toReversed());
}

/** @param {HTMLElement[]} cells */
function tableRow(cells) {
  const row = element('tr');
  row.append(...cells);
  return row;
}
