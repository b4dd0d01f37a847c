// Dropped files: ask for a signed URL, upload with progress, then watch what the function makes of each.
import type { SignedUpload, UploadState } from '../../bff/console.ts';
import { addEntry, type PhotoEntry } from './photo-entry-browser.ts';

const UPLOADS_AT_ONCE = 3;
/** It grows while nothing happens: many photos at once must not use up the requests that a visitor has. */
const WATCH_MS = 600;
const WATCH_GROWTH = 1.3;
const WATCH_MS_MAX = 5_000;
/** The function writes all renditions of a photo together: two equal answers mean that it is done. */
const EQUAL_ANSWERS = 2;
const SLOW_AFTER_MS = 15_000;
const URL = '/platform/uploads';

export function takePhotos(): void {
  const section = document.querySelector<HTMLElement>('[data-photos]');
  const zone = section?.querySelector<HTMLElement>('[data-drop]');
  const input = zone?.querySelector('input');
  if (!section || !zone || !input) return;
  const take = createUploads(section);
  zone.hidden = false;
  input.addEventListener('change', () => {
    take(input.files ?? []);
    // Else choosing the same file again would be no change.
    input.value = '';
  });
  // Files that miss the zone must not replace the page.
  for (const type of ['dragover', 'drop']) addEventListener(type, (event) => event.preventDefault());
  addEventListener('dragover', () => zone.toggleAttribute('data-over', true));
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (!relatedTarget) zone.removeAttribute('data-over');
  });
  addEventListener('drop', ({ dataTransfer }) => {
    zone.removeAttribute('data-over');
    take(dataTransfer?.files ?? []);
  });
}

/** Takes files, and uploads a few at a time. */
function createUploads(section: HTMLElement): (files: Iterable<File>) => void {
  const waiting: { readonly file: File; readonly entry: PhotoEntry }[] = [];
  let active = 0;
  const next = (): void => {
    while (active < UPLOADS_AT_ONCE) {
      const first = waiting.shift();
      if (!first) return;
      active += 1;
      upload(first.file, first.entry)
        .then((address) => void watch(address, first.entry))
        .catch((error: unknown) => first.entry.refuse((error as Error).message))
        .finally(() => {
          active -= 1;
          next();
        });
    }
  };
  return (files) => {
    for (const file of files) waiting.push({ file, entry: addEntry(section, file) });
    next();
  };
}

/** Resolves to where the upload can be watched, once the store has all of it. */
async function upload(file: File, entry: PhotoEntry): Promise<string> {
  entry.say('asking for a place');
  const form = { fileName: file.name, contentType: file.type, bytes: String(file.size) };
  const response = await fetch(URL, { method: 'POST', body: new URLSearchParams(form) }).catch(() => {
    throw new Error('The shop does not answer. Is the platform running?');
  });
  const answer = (await response.json()) as SignedUpload & { detail?: string; title?: string };
  if (!response.ok) throw new Error(answer.detail ?? answer.title);
  entry.say('uploading');
  await put(answer, file, entry.progress);
  return `${URL}/${answer.productId}/${answer.uploadId}`;
}

/** `fetch` reports no upload progress, so the older interface does it. */
function put({ url, headers }: SignedUpload, file: File, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener('load', () => {
      if (request.status < 300) resolve();
      else reject(new Error(`S3 did not take the file (status ${request.status}).`));
    });
    request.addEventListener('error', () =>
      reject(new Error('S3 does not answer. Is the platform running?')),
    );
    request.send(file);
  });
}

/** Asks until the renditions are there, or the refusal; ever more seldom, for as long as the entry is shown. */
async function watch(address: string, entry: PhotoEntry): Promise<void> {
  const since = Date.now();
  let [equalAnswers, seen, pauseMs] = [0, 0, WATCH_MS];
  entry.say('being cut into renditions');
  while (entry.isShown()) {
    const answer = await stateAt(address);
    if (answer?.state === 'rejected') return entry.refuse(rejectionText(answer.rejection));
    const renditions = answer?.renditions ?? [];
    const count = renditions.length;
    equalAnswers = count > 0 && count === seen ? equalAnswers + 1 : 0;
    seen = count;
    const isDone = equalAnswers >= EQUAL_ANSWERS;
    if (count > 0) entry.showRenditions(renditions, isDone);
    if (isDone) return;
    if (count === 0 && Date.now() - since > SLOW_AFTER_MS) entry.say('still waiting for the image function');
    pauseMs = count > 0 ? WATCH_MS : Math.min(WATCH_MS_MAX, pauseMs * WATCH_GROWTH);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Undefined while there is no answer: the page keeps asking. */
const stateAt = (address: string): Promise<UploadState | undefined> =>
  fetch(address).then(
    (response) => (response.ok ? (response.json() as Promise<UploadState>) : undefined),
    () => undefined,
  );

const REASONS: ReadonlyMap<string, string> = new Map([
  ['key-not-allowed', 'Its name in the store is not one that we hand out'],
  ['empty-file', 'The file is empty'],
  ['too-many-bytes', 'The file is too large'],
  ['type-not-allowed', 'This is not a photo in a format we take'],
  ['type-mismatch', 'The content is not what the name says'],
  ['too-many-pixels', 'The picture has too many pixels'],
  ['undecodable', 'The picture is broken'],
]);

const rejectionText = ({ reason, detail }: { reason: string; detail: string }): string =>
  `${REASONS.get(reason) ?? reason}: ${detail}.`;
