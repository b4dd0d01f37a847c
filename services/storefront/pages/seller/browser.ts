// What the page of photos does beyond HTML: a photo goes straight to the store by a signed address, with its progress and a preview;
// then the page is asked what became of it, until that is known.
import { showOwnTimes } from '../times-browser.ts';

/** What the shop answers to the wish to send a file (routes/seller/photos.ts). */
interface Signed {
  readonly uploadId: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** One file on its way. */
interface Card {
  readonly item: HTMLLIElement;
  readonly words: HTMLElement;
  readonly progress: HTMLProgressElement;
  readonly button: HTMLButtonElement;
  /** Gives the button these words and this work, in place of what it did. */
  offer(words: string, work: () => void): void;
}

const WATCH_MS_MIN = 700;
const WATCH_MS_MAX = 5_000;
/** Then the page says that a reload tells more. */
const WATCH_MS_IN_ALL = 3 * 60_000;

const area = document.querySelector<HTMLElement>('[data-uploads]');
const state = document.querySelector<HTMLElement>('[data-photo-state]');
const input = document.querySelector<HTMLInputElement>('#photo-files');
const list = document.querySelector<HTMLElement>('[data-upload-list]');
const template = document.querySelector<HTMLTemplateElement>('[data-upload-card]');
const news = document.querySelector<HTMLElement>('[data-upload-news]');

/** Cards of uploads that S3 has, by their ids. */
const watched = new Map<string, Card>();
let isWatching = false;

const say = (card: Card, words: string): void => {
  card.words.textContent = words;
  if (news) news.textContent = `${card.item.querySelector('.upload-name')?.textContent}: ${words}`;
};

function createCard(file: File): Card {
  const item = template!.content.firstElementChild!.cloneNode(true) as HTMLLIElement;
  const [progress, button] = [item.querySelector('progress')!, item.querySelector('button')!];
  item.querySelector('.upload-name')!.textContent = file.name;
  progress.setAttribute('aria-label', `Sent of ${file.name}`);
  list!.prepend(item);
  let press = (): void => {};
  button.addEventListener('click', () => press());
  const offer = (words: string, work: () => void): void => {
    button.textContent = words;
    press = work;
  };
  return { item, words: item.querySelector<HTMLElement>('.upload-words')!, progress, button, offer };
}

function close(card: Card): void {
  card.item.remove();
  input?.focus();
}

function preview(card: Card, file: File): void {
  const image = card.item.querySelector<HTMLImageElement>('img')!;
  const url = URL.createObjectURL(file);
  const done = (): void => URL.revokeObjectURL(url);
  image.addEventListener('load', done);
  image.addEventListener('error', () => {
    done();
    image.hidden = true;
  });
  image.hidden = false;
  image.src = url;
}

/** In words, why this file need not be sent at all. */
function refusalOf(file: File): string | undefined {
  const bytesMax = Number(area!.dataset.bytesMax);
  const types = area!.dataset.types!.split(' ');
  if (file.type && !types.includes(file.type))
    return 'Not sent: the shop takes JPEG, PNG, WebP, AVIF and GIF.';
  if (file.size === 0) return 'Not sent: the file is empty.';
  if (file.size > bytesMax) return `Not sent: it is larger than ${bytesMax / 1_048_576} MiB.`;
  return undefined;
}

async function sign(file: File): Promise<Signed> {
  const form = new URLSearchParams({ fileName: file.name, contentType: file.type, bytes: String(file.size) });
  const answer = await fetch(area!.dataset.uploads!, {
    method: 'POST',
    body: form,
    headers: { accept: 'application/json' },
  });
  const body = (await answer.json().catch(() => ({}))) as Partial<Signed> & { words?: string };
  if (answer.ok) return body as Signed;
  throw new Error(body.words ?? 'The shop does not answer as it should.');
}

/** `fetch` tells no progress of what is sent, so the older interface does it. */
function put({ url, headers }: Signed, file: File, card: Card): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      card.progress.value = loaded / total;
      card.words.textContent = `Sending: ${Math.round((100 * loaded) / total)} %`;
    });
    request.addEventListener('load', () => {
      if (request.status < 300) resolve();
      else reject(new Error(`The store did not take it (status ${request.status}).`));
    });
    request.addEventListener('error', () => reject(new Error('The store does not answer.')));
    request.addEventListener('abort', () => reject(new Error('Stopped.')));
    card.offer('Stop', () => request.abort());
    request.send(file);
  });
}

function failed(card: Card, file: File, error: unknown): void {
  say(card, error instanceof Error ? error.message : String(error));
  card.item.dataset.state = 'failed';
  card.progress.hidden = true;
  card.offer('Try again', () => {
    close(card);
    void send(file);
  });
}

async function send(file: File): Promise<void> {
  const card = createCard(file);
  const refusal = refusalOf(file);
  if (refusal) {
    say(card, refusal);
    card.item.dataset.state = 'refused';
    card.progress.hidden = true;
    card.offer('Close', () => close(card));
    return;
  }
  preview(card, file);
  try {
    say(card, 'Asking for a place in the store.');
    const signed = await sign(file);
    say(card, 'Sending.');
    await put(signed, file, card);
    say(card, 'Sent: its sizes are being made.');
    card.item.dataset.state = 'sent';
    card.progress.hidden = true;
    card.button.hidden = true;
    watched.set(signed.uploadId, card);
    void watch();
  } catch (error) {
    failed(card, file, error);
  }
}

/** Takes the cards away whose photos have come to their end, and says it. */
function settle(): void {
  for (const row of state!.querySelectorAll<HTMLElement>('[data-upload]')) {
    const card = watched.get(row.dataset.upload!);
    if (!card) continue;
    const isOver = row.dataset.state !== 'waiting';
    row.hidden = !isOver;
    if (!isOver) continue;
    say(card, row.querySelector('.sent-words')?.textContent ?? '');
    card.item.remove();
    watched.delete(row.dataset.upload!);
  }
}

/** Asks what became of the photos, less and less often, while one is on its way. */
async function watch(): Promise<void> {
  if (isWatching) return;
  isWatching = true;
  const until = Date.now() + WATCH_MS_IN_ALL;
  const isOpen = (): boolean => watched.size > 0 || state!.querySelector('[data-state="waiting"]') !== null;
  for (
    let pauseMs = WATCH_MS_MIN;
    isOpen() && Date.now() < until;
    pauseMs = Math.min(pauseMs * 1.3, WATCH_MS_MAX)
  ) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const answer = await fetch(state!.dataset.photoState!, { headers: { accept: 'application/json' } }).catch(
      () => undefined,
    );
    if (!answer?.ok) continue;
    // HTML of our own server, in which all that people wrote is text.
    const html = await answer.text();
    if (state!.contains(document.activeElement)) continue;
    state!.innerHTML = html;
    showOwnTimes(state!);
    settle();
  }
  for (const card of watched.values())
    say(card, 'It takes long. Load the page again later to see what became of it.');
  watched.clear();
  isWatching = false;
}

function takeFiles(files: Iterable<File>): void {
  for (const file of files) void send(file);
}

if (area && input && state) {
  input.disabled = false;
  input.addEventListener('change', () => {
    takeFiles(input.files ?? []);
    // The same file can be chosen again.
    input.value = '';
  });
  const drop = area.querySelector<HTMLElement>('[data-drop]')!;
  for (const kind of ['dragover', 'dragleave', 'drop'] as const)
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.toggleAttribute('data-over', kind === 'dragover');
      if (kind === 'drop') takeFiles(event.dataTransfer?.files ?? []);
    });
  if (state.querySelector('[data-state="waiting"]')) void watch();
}
