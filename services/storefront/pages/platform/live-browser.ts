// Puts the parts of a page that change into their places, as the server sends them, and says whether the page still follows.
import type { LiveState } from './props.ts';

/** The page's own news, for modules that put back what they had added to a part. */
export const PARTS_CHANGED = 'parts-changed';

/** Browsers do not try again after an answer that is no stream, such as 503 while the server starts: then this does. */
const RETRY_MS = 2_000;
const RETRY_MS_MAX = 60_000;

export function followParts(): void {
  for (const root of document.querySelectorAll<HTMLElement>('[data-live]')) follow(root, root.dataset.live!);
}

/** Only while the page is visible: a stream takes one of the few connections that a browser has to a host. */
function follow(root: HTMLElement, url: string): void {
  let source: EventSource | undefined;
  let retryMs = RETRY_MS;
  const open = (): void => {
    source?.close();
    if (document.visibilityState === 'hidden') return;
    source = new EventSource(url);
    source.addEventListener('parts', ({ data }: MessageEvent<string>) => {
      retryMs = RETRY_MS;
      showParts(root, JSON.parse(data) as Record<string, string>);
    });
    source.addEventListener('state', ({ data }: MessageEvent<string>) =>
      showState(root, JSON.parse(data) as LiveState),
    );
    source.addEventListener('error', ({ target }) => {
      const title = root.querySelector<HTMLElement>('[data-lost]')?.dataset.lost ?? '';
      showState(root, { name: 'away', title, words: '' });
      if ((target as EventSource).readyState !== EventSource.CLOSED) return;
      setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    });
  };
  document.addEventListener('visibilitychange', open);
  open();
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
