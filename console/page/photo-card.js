// One dropped photo on the page: its progress, its renditions, or the words of its refusal.
import { bytesText, countText } from './format.js';

const PHOTOS_SHOWN_MAX = 24;

/** One entry of the list, newest first, with the verbs that change it. */
export function createCard(file) {
  const list = document.getElementById('photo-list');
  const item = document.getElementById('photo-template').content.cloneNode(true).querySelector('li');
  const part = (name) => item.querySelector(name);
  const news = (text) => {
    document.getElementById('photos-news').textContent = `${file.name}: ${text}`;
  };
  part('.photo-name').textContent = file.name;
  part('.photo-size').textContent = bytesText(file.size);
  list.prepend(item);
  while (list.childElementCount > PHOTOS_SHOWN_MAX) list.lastElementChild.remove();
  document.getElementById('photos-empty').hidden = true;
  return {
    isShown: () => item.isConnected,
    say: (text) => {
      if (part('.photo-state').textContent !== text) part('.photo-state').textContent = text;
    },
    progress: (share) => {
      part('progress').value = share;
    },
    refuse: (reason) => {
      item.dataset.state = 'refused';
      part('.photo-state').textContent = 'refused';
      part('progress').hidden = true;
      part('.photo-reason').hidden = false;
      part('.photo-reason').textContent = reason;
      news(`refused. ${reason}`);
    },
    renditions: (renditions, isDone) => {
      part('progress').hidden = true;
      addRenditions(part('.renditions'), file.name, renditions);
      if (!isDone) return;
      item.dataset.state = 'done';
      const text = `${countText(renditions.length, 'rendition')} made`;
      part('.photo-state').textContent = text;
      news(text);
    },
  };
}

/** Adds what is new, in the order given; what is shown already is not loaded again. */
function addRenditions(list, name, renditions) {
  for (const [at, { label, width, height, bytes, url }] of renditions.entries()) {
    if (list.children[at]?.dataset.label === label) continue;
    const image = Object.assign(new Image(), { src: url, alt: `${name}, ${label}` });
    const link = Object.assign(document.createElement('a'), { href: url, target: '_blank', rel: 'noopener' });
    const item = document.createElement('li');
    item.dataset.label = label;
    link.append(
      image,
      caption('b', label),
      caption('span', `${width} × ${height}`),
      caption('span', bytesText(bytes)),
    );
    item.append(link);
    list.insertBefore(item, list.children[at] ?? null);
  }
}

const caption = (name, text) => Object.assign(document.createElement(name), { textContent: text });
