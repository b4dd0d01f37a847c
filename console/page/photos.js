// Dropped files: ask for a signed URL, upload with progress, then watch what the function makes of each.
import { createCard } from './photo-card.js';

/** @import { SignedUpload, UploadState } from '../answers.ts' */
/** @import { Card } from './photo-card.js' */

const UPLOADS_AT_ONCE = 3;
const WATCH_MS = 600;
const WATCH_MS_MAX = 5_000;
/** The function writes all renditions of a photo together: two equal answers mean that it is done. */
const EQUAL_ANSWERS = 2;
const SLOW_AFTER_MS = 15_000;

/** Takes files from the drop zone. */
export function createPhotos() {
  /** @type {{ file: File, card: Card }[]} */
  const waiting = [];
  let active = 0;

  const next = () => {
    while (active < UPLOADS_AT_ONCE) {
      const first = waiting.shift();
      if (!first) return;
      active += 1;
      const { file, card } = first;
      upload(file, card)
        .then((watch) => watch && void watchUpload(watch, card))
        .catch((error) => card.refuse(error.message))
        .finally(() => {
          active -= 1;
          next();
        });
    }
  };
  /** @param {Iterable<File>} files */
  return (files) => {
    for (const file of files) waiting.push({ file, card: createCard(file) });
    next();
  };
}

/**
 * Resolves to where the upload can be watched, once S3 has all of it.
 * @param {File} file
 * @param {Card} card
 */
async function upload(file, card) {
  card.say('asking for a place');
  const request = { fileName: file.name, contentType: file.type, bytes: file.size };
  const response = await fetch('/api/uploads', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  }).catch(() => {
    throw new Error('The console does not answer. Is the platform running?');
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title);
  card.say('uploading');
  await put(answer, file, card.progress);
  return `/api/uploads/${answer.productId}/${answer.uploadId}`;
}

/**
 * `fetch` tells no upload progress, so the older interface does it.
 * @param {SignedUpload} upload
 * @param {File} file
 * @param {(share: number) => void} onProgress
 * @returns {Promise<void>}
 */
function put({ url, headers }, file, onProgress) {
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

/**
 * Asks until the renditions are there, or the refusal; ever more seldom, for as long as the card is shown.
 * @param {string} address
 * @param {Card} card
 */
async function watchUpload(address, card) {
  const since = Date.now();
  let [equalAnswers, seen, pauseMs] = [0, 0, WATCH_MS];
  card.say('being cut into renditions');
  while (card.isShown()) {
    /** @type {UploadState | undefined} */
    const answer = await fetch(address).then(
      (response) => (response.ok ? response.json() : undefined),
      () => undefined,
    );
    if (answer?.state === 'rejected') {
      card.refuse(rejectionText(answer.rejection));
      return;
    }
    const renditions = answer?.renditions ?? [];
    const count = renditions.length;
    equalAnswers = count > 0 && count === seen ? equalAnswers + 1 : 0;
    seen = count;
    if (count > 0) card.renditions(renditions, equalAnswers >= EQUAL_ANSWERS);
    if (equalAnswers >= EQUAL_ANSWERS) return;
    if (count === 0 && Date.now() - since > SLOW_AFTER_MS) {
      card.say('still waiting for the image function');
      pauseMs = Math.min(WATCH_MS_MAX, pauseMs * 1.5);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** @type {ReadonlyMap<string, string>} */
const REASONS = new Map(
  Object.entries({
    'key-not-allowed': 'Its name in the store is not one that we hand out',
    'empty-file': 'The file is empty',
    'too-many-bytes': 'The file is too large',
    'type-not-allowed': 'This is not a photo in a format we take',
    'type-mismatch': 'The content is not what the name says',
    'too-many-pixels': 'The picture has too many pixels',
    undecodable: 'The picture is broken',
  }),
);

/** @param {{ reason: string, detail: string }} rejection */
const rejectionText = ({ reason, detail }) => `${REASONS.get(reason) ?? reason}: ${detail}.`;
