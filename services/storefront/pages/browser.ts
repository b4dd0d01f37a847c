// What pages do beyond HTML: the token of a mail link goes from the fragment into its form, a form is not sent twice, times are the
// visitor's own, and the page of an order follows it.
import { showOwnTimes } from './times-browser.ts';

const field = document.querySelector<HTMLInputElement>('input[name="token"]');

function takeToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (!field) return;
  if (token) {
    field.value = token;
    // The secret must stay neither in the address bar nor in the history.
    history.replaceState(null, '', location.pathname);
  }
  document.querySelector('[data-token-missing]')?.toggleAttribute('hidden', field.value !== '');
}
takeToken();
// A link that is opened where its page is shown already loads nothing.
addEventListener('hashchange', takeToken);

document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = 'yes';
  event.submitter?.setAttribute('aria-busy', 'true');
});
addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset.sent;
  for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
});
for (const select of document.querySelectorAll<HTMLSelectElement>('select[data-submits]'))
  select.addEventListener('change', () => select.form?.requestSubmit());

/** Longer than any order stays open. */
const FOLLOW_MS_MAX = 30 * 60_000;

function followOrder(): void {
  const state = document.querySelector<HTMLElement>('[data-stream]');
  if (!state?.dataset.stream) return;
  const source = new EventSource(state.dataset.stream);
  const words = document.querySelector('[data-stream-words]');
  const stop = (isLost: boolean): void => {
    source.close();
    document.querySelector<HTMLElement>('[data-stream-lost]')!.hidden = !isLost;
  };
  source.addEventListener('state', ({ data }: MessageEvent<string>) => {
    const hadFocus = state.contains(document.activeElement);
    // HTML of our own server, in which all that people wrote is text.
    state.innerHTML = JSON.parse(data) as string;
    showOwnTimes(state);
    if (words) words.textContent = state.querySelector('h1')?.textContent ?? '';
    if (hadFocus) state.focus();
  });
  source.addEventListener('end', () => stop(false));
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) stop(true);
  });
  setTimeout(() => source.readyState !== EventSource.CLOSED && stop(true), FOLLOW_MS_MAX);
}

showOwnTimes(document);
followOrder();
