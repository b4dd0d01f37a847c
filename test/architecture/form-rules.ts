// How files and names look: no forwarding files, no names that say nothing.
import type { SourceFile } from './source-files.ts';

/** A file that only hands on others' exports hides where things are. */
export function forwardingFaults(file: SourceFile): string[] {
  return file.isForwardOnly ? [`${file.path} only forwards: import from where things are`] : [];
}

const EMPTY_WORDS = new Set([
  'manager',
  'managers',
  'helper',
  'helpers',
  'util',
  'utils',
  'utility',
  'utilities',
]);
/** Products of others that have such a word in their name. */
const PRODUCTS = /secrets?[-_]?manager|cert[-_]?manager|systems?[-_]?manager/gi;

/** Names of files and of top-level declarations that name no purpose. */
export function nameFaults({ path, declares }: SourceFile): string[] {
  const folderNames = path.replace(/(\.spec)?\.ts$/, '').split('/');
  return [...folderNames, ...declares]
    .filter((name) => wordsOf(name).some((word) => EMPTY_WORDS.has(word)))
    .map((name) => `${path}: ${name} says nothing: name the domain's verb or noun`);
}

const wordsOf = (name: string): string[] =>
  name
    .replace(PRODUCTS, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
