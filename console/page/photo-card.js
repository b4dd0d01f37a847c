// One dropped photo on the page: its progress, its renditions, or the words of its refusal.
import { byId, element } from './elements.js';
import { bytesText, countText } from './format.js';

/** @import { Rendition } from '../answers.ts' */
/** @typedef {ReturnType<typeof createCard>} Card */

const PHOTOS_SHOWN_MAX = 24;

/**
 * One entry of the list, newest first, with the verbs that change it.
 * @param {File} file
 */
export function createCard(file) {
  const list = byId('photo-list');
  const template = /** @type {HTMLTemplateElement} */ (byId('photo-template'));
  const item = /** @type {HTMLLIElement} */ (template.content.firstElementChild?.cloneNode(true));
  /** @param {string} name */
  const part = (name) => /** @type {HTMLElement} */ (item.querySelector(name));
  const progress = /** @type {HTMLProgressElement} */ (part('progress'));
  /** @param {string} text */
  const news = (text) => {
    byId('photos-news').textContent = `${file.name}: ${text}`;
  };
  part('.photo-name').textContent = file.name;
  part('.photo-size').textContent = bytesText(file.size);
  list.prepend(item);
  while (list.childElementCount > PHOTOS_SHOWN_MAX) list.lastElementChild?.remove();
  byId('photos-empty').hidden = true;
  return {
    isShown: () => item.isConnected,
    /** @param {string} text */
    say: (text) => {
      if (part('.photo-state').textContent !== text) part('.photo-state').textContent = text;
    },
    /** @param {number} share */
    progress: (share) => {
      progress.value = share;
    },
    /** @param {string} reason */
    refuse: (reason) => {
      item.dataset.state = 'refused';
      part('.photo-state').textContent = 'refused';
      progress.hidden = true;
      part('.photo-reason').hidden = false;
      part('.photo-reason').textContent = reason;
      news(`refused. ${reason}`);
    },
    /**
     * @param {readonly Rendition[]} renditions
     * @param {boolean} isDone
     */
    renditions: (renditions, isDone) => {
      progress.hidden = true;
      addRenditions(part('.renditions'), file.name, renditions);
      if (!isDone) return;
      item.dataset.state = 'done';
      const text = `${countText(renditions.length, 'rendition')} made`;
      part('.photo-state').textContent = text;
      news(text);
    },
  };
}

/**
 * Adds what is new, in the order given; what is shown already is not loaded again.
 * @param {HTMLElement} list
 * @param {string} name
 * @param {readonly Rendition[]} renditions
 */
function addRenditions(list, name, renditions) {
  for (const [at, { label, width, height, bytes, url }] of renditions.entries()) {
    const shown = /** @type {HTMLElement | undefined} */ (list.children[at]);
    if (shown?.dataset.label === label) continue;
    const image = Object.assign(new Image(), { src: url, alt: `${name}, ${label}` });
    const link = element('a', { href: url, target: '_blank', rel: 'noopener' });
    const item = element('li');
    item.dataset.label = label;
    link.append(
      image,
      element('b', { textContent: label }),
      element('span', { textContent: `${width} × ${height}` }),
      element('span', { textContent: bytesText(bytes) }),
    );
    item.append(link);
    list.insertBefore(item, shown ?? null);
  }
}
