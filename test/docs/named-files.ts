// Files of ours that comments and pages name, in; those that do not exist, out.
import { posix } from 'node:path';

/** A name in a text, and where it is. */
export interface NamedFile {
  /** `docs/page.md:12` */
  readonly place: string;
  readonly name: string;
}

const SOURCE_FILE = /(?<![\w/:.@#<>{}*$-])(?:[\w.-]+\/)*[\w-][\w.-]*\.ts(?![\w*<{/(-])/g;

/** TypeScript files that the comments of a source, or the code in a page's sentences, name. */
export const namedFiles = (path: string, text: string): NamedFile[] =>
  text.split('\n').flatMap((line, at) => {
    const said = path.endsWith('.md') ? codesOf(line) : commentOf(line);
    return [...said.matchAll(SOURCE_FILE)].map(([name]) => ({ place: `${path}:${at + 1}`, name }));
  });

/** An import begins where the file with that line is, which is not the page's folder. */
const codesOf = (line: string): string =>
  [...line.matchAll(/`(?!import )([^`]+)`/g)].map(([, code]) => code).join(' ');

const commentOf = (line: string): string =>
  /^\s*(?:\/\/|\/?\*|--)/.test(line) ? line : (/\s(?:\/\/|--) .*$/.exec(line)?.[0] ?? '');

/** A name may begin at the repository's root, at any folder above its place, or be the end of a path. */
export function missingFiles(named: readonly NamedFile[], paths: readonly string[]): string[] {
  const known = new Set(paths);
  const isThere = ({ place, name }: NamedFile): boolean =>
    known.has(name) ||
    known.has(posix.join(posix.dirname(place), name)) ||
    paths.some((path) => path.endsWith(`/${name}`));
  return named.filter((one) => !isThere(one)).map(({ place, name }) => `${place} names ${name}`);
}
