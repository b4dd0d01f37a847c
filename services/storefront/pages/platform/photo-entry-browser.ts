// One dropped photo on the page: its progress, its renditions, or the words of its refusal.
import type { Rendition } from '../../bff/console.ts';
import { bytesText, countText } from './format.ts';

const SHOWN_MAX = 24;

export type PhotoEntry = ReturnType<typeof addEntry>;

/** The newest is the first; the oldest make room. */
export function addEntry(section: HTMLElement, file: File) {
  const list = within(section, '[data-dropped]');
  const template = within(section, '[data-photo-entry]') as HTMLTemplateElement;
  const item = template.content.firstElementChild!.cloneNode(true) as HTMLElement;
  within(item, '[data-name]').textContent = file.name;
  item.dataset.file = file.name;
  list.prepend(item);
  while (list.childElementCount > SHOWN_MAX) list.lastElementChild!.remove();
  return entryOf(section, item, file.name);
}

/** What can be said of a photo in its place on the page. */
function entryOf(section: HTMLElement, item: HTMLElement, name: string) {
  const { locale = 'en' } = section.closest<HTMLElement>('[data-locale]')?.dataset ?? {};
  const [words, reason] = [within(item, '[data-state-words]'), within(item, '[data-reason]')];
  const progress = within(item, 'progress') as HTMLProgressElement;
  const end = (outcome: 'done' | 'refused', text: string, detail = ''): void => {
    item.dataset.outcome = outcome;
    words.textContent = text;
    within(section, '[data-photo-news]').textContent = `${name}: ${text}. ${detail}`;
  };
  return {
    isShown: (): boolean => item.isConnected,
    say: (text: string): void => {
      if (words.textContent !== text) words.textContent = text;
    },
    progress: (share: number): void => {
      progress.value = share;
    },
    refuse: (text: string): void => {
      progress.hidden = true;
      reason.hidden = false;
      reason.textContent = text;
      end('refused', 'refused', text);
    },
    showRenditions: (renditions: readonly Rendition[], isDone: boolean): void => {
      progress.hidden = true;
      addRenditions(within(item, '.renditions'), name, renditions, locale);
      if (isDone) end('done', `${countText(renditions.length, 'rendition')} made`);
    },
  };
}

function within(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** Adds what is new, in the order given; what is shown already is not loaded again. */
function addRenditions(
  list: HTMLElement,
  name: string,
  renditions: readonly Rendition[],
  locale: string,
): void {
  for (const [at, rendition] of renditions.entries()) {
    const shown = list.children[at] as HTMLElement | undefined;
    if (shown?.dataset.label === rendition.label) continue;
    list.insertBefore(renditionItem(name, rendition, locale), shown ?? null);
  }
}

function renditionItem(
  name: string,
  { label, width, height, bytes, url }: Rendition,
  locale: string,
): HTMLElement {
  const item = document.createElement('li');
  item.dataset.label = label;
  const link = document.createElement('a');
  Object.assign(link, { href: url, target: '_blank', rel: 'noopener' });
  const image = Object.assign(new Image(width, height), { src: url, alt: `${name}, ${label}` });
  link.append(
    image,
    line('b', label),
    line('span', `${width} × ${height}`),
    line('span', bytesText(bytes, locale)),
  );
  item.append(link);
  return item;
}

const line = (kind: 'b' | 'span', text: string): HTMLElement =>
  Object.assign(document.createElement(kind), { textContent: text });
