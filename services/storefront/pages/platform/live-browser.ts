// Puts the parts of a page that change into their places, as the server sends them, and says whether the page still follows.
import type { LiveState } from './props.ts';

/** The page's own news, for modules that put back what they had added to a part. */
export const PARTS_CHANGED = 'parts-changed';

export function followParts(): void {
  for (const root of document.querySelectorAll<HTMLElement>('[data-live]')) follow(root, root.dataset.live!);
}

function follow(root: HTMLElement, url: string): void {
  const source = new EventSource(url);
  source.addEventListener('parts', ({ data }: MessageEvent<string>) =>
    showParts(root, JSON.parse(data) as Record<string, string>),
  );
  source.addEventListener('state', ({ data }: MessageEvent<string>) =>
    showState(root, JSON.parse(data) as LiveState),
  );
  source.addEventListener('error', () => {
    const title = root.querySelector<HTMLElement>('[data-lost]')?.dataset.lost ?? '';
    showState(root, { name: 'away', title, words: '' });
    // Browsers give up for good on an answer that is no stream, such as 503 while the server starts again.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(root, url), 2_000);
  });
}

function showParts(root: HTMLElement, parts: Readonly<Record<string, string>>): void {
  for (const [name, html] of Object.entries(parts)) {
    const place = root.querySelector<HTMLElement>(`[data-part="${name}"]`);
    // HTML of our own server, in which all that others wrote is text.
    if (place && place.innerHTML !== html) place.innerHTML = html;
  }
  root.dispatchEvent(new Event(PARTS_CHANGED));
}

function showState(root: HTMLElement, { name, title, words }: LiveState): void {
  const state = root.querySelector<HTMLElement>('[data-live-state]');
  if (state && state.textContent !== title) {
    state.dataset.liveState = name;
    state.textContent = title;
  }
  const notice = root.querySelector<HTMLElement>('[data-live-words]');
  if (!notice) return;
  notice.hidden = words === '';
  if (notice.textContent !== words) notice.textContent = words;
}
