// A letter's parts in, the same letter as plain text and as HTML out. The only place that writes HTML of a mail: every text is
// escaped here, so the letters themselves hold none.
import type { Letter } from '../domain.ts';

export type Language = 'de' | 'en';

/** What a letter says, as plain texts. */
export interface Draft {
  readonly subject: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  readonly action?: { readonly label: string; readonly url: string };
  readonly closing: string;
}

/** Written out for both kinds of mail readers. */
export function writeLetter(language: Language, draft: Draft): Letter {
  return { subject: singleLine(draft.subject), text: asText(draft), html: asHtml(language, draft) };
}

function asText({ greeting, paragraphs, action, closing }: Draft): string {
  const parts = [greeting, ...paragraphs, ...(action ? [`${action.label}:\n${action.url}`] : []), closing];
  return `${parts.join('\n\n')}\n`;
}

function asHtml(language: Language, { subject, greeting, paragraphs, action, closing }: Draft): string {
  const lines = [greeting, ...paragraphs].map((text) => `<p>${escapeHtml(text)}</p>`);
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(singleLine(subject))}</title></head>`,
    '<body style="font-family:sans-serif;line-height:1.5;max-width:36em;margin:2em auto;padding:0 1em">',
    ...lines,
    ...(action ? [actionHtml(action)] : []),
    `<p style="color:#555">${escapeHtml(closing)}</p>`,
    '</body></html>',
    '',
  ].join('\n');
}

/** The address is also shown: some readers of mail do not follow links. */
const actionHtml = ({ label, url }: { label: string; url: string }): string =>
  `<p><a href="${escapeHtml(url)}">${escapeHtml(label)}</a><br><small>${escapeHtml(url)}</small></p>`;

const ENTITIES: ReadonlyMap<string, string> = new Map<string, string>(
  Object.entries({
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }),
);

/** Text as it may stand between tags and in quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES.get(one)!);

/** A subject is a header: a line break in it would begin another one. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const singleLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
