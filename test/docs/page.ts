// What a page of the docs asks its reader to type, to open or to set.

export interface Page {
  /** `docs/deploy.md` */
  readonly path: string;
  /** One a line of a code block, and one for each piece of code in a sentence; continued lines joined. */
  readonly commands: readonly string[];
  /** Code in sentences and tables: names, paths, settings. */
  readonly codes: readonly string[];
  /** Targets of links, without `#…`. */
  readonly links: readonly string[];
  readonly text: string;
}

const FENCE = /^```[a-z]*\n([\s\S]*?)^```/gm;

export function readPage(path: string, text: string): Page {
  const blocks = [...text.matchAll(FENCE)].map(([, body = '']) => body);
  const sentences = text.replace(FENCE, '');
  const codes = [...sentences.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  const lines = blocks.flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'));
  const commands = [...lines, ...codes].map(withoutComment).filter(Boolean);
  const links = [...sentences.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
  return { path, commands, codes, links, text };
}

const withoutComment = (line: string): string => line.replace(/(^|\s)#\s.*$/, '').trim();
