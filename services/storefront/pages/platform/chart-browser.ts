// A minute of the chart that is pointed at, or chosen by the arrow keys, is read out. The words come with the drawing.
import { PARTS_CHANGED } from './live-browser.ts';

const STEPS: ReadonlyMap<string, number> = new Map([
  ['ArrowLeft', -1],
  ['ArrowRight', 1],
]);

export function readChart(): void {
  const chart = document.querySelector<HTMLElement>('[data-chart]');
  const words = document.querySelector<HTMLElement>('[data-chart-read]');
  if (!chart || !words) return;
  /** By its time: the drawing is replaced while it is looked at. */
  let chosen: string | undefined;

  const minutes = (): SVGGElement[] => [...chart.querySelectorAll<SVGGElement>('[data-minute]')];
  const choose = (minute: SVGGElement | undefined): void => {
    chosen = minute?.dataset.minute;
    for (const other of minutes()) other.toggleAttribute('data-chosen', other === minute);
    const text = minute?.dataset.read ?? '';
    if (words.textContent !== text) words.textContent = text;
  };
  const step = (by: number): void => {
    const all = minutes();
    const at = all.findIndex(({ dataset }) => dataset.minute === chosen);
    const from = at >= 0 ? at : by > 0 ? -1 : all.length;
    choose(all[Math.min(all.length - 1, Math.max(0, from + by))]);
  };

  chart.addEventListener('keydown', (event) => {
    const by = STEPS.get(event.key);
    if (event.key === 'Escape') choose(undefined);
    if (!by) return;
    event.preventDefault();
    step(by);
  });
  chart.addEventListener('blur', () => choose(undefined));
  chart.addEventListener('pointermove', ({ target }) => {
    const minute = (target as Element).closest<SVGGElement>('[data-minute]');
    if (minute) choose(minute);
  });
  chart.addEventListener('pointerleave', () => choose(undefined));
  chart.closest('[data-live]')?.addEventListener(PARTS_CHANGED, () => {
    if (chosen) choose(minutes().find(({ dataset }) => dataset.minute === chosen));
  });
}
