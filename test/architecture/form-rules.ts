// How files and names look: no forwarding files, no names that say nothing, the same files in every service.
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
/** Products of others that bear such a word in their name. */
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

const SERVICE_ENTRIES = [
  'README.md',
  'main.ts',
  'config.ts',
  'domain.ts',
  'http.ts',
  'consumers.ts',
  'store.ts',
  'migrations',
];

/** A service that serves pages: others decide and keep for it. */
const STOREFRONT_ENTRIES = [
  'README.md',
  'main.ts',
  'config.ts',
  'app.ts',
  'build.ts',
  'pages',
  'routes',
  'bff',
  'design',
];

/** Services that lack one of the files that each has; what has pages keeps nothing itself. */
export function serviceFaults(paths: readonly string[]): string[] {
  const inside = paths.filter((path) => path.startsWith('services/')).map((path) => path.split('/'));
  const services = new Set(inside.filter(({ length }) => length > 2).map(([, name]) => name));
  const present = new Set(inside.map(([, name, entry]) => `${name}/${entry}`));
  return [...services].flatMap((name) => {
    const hasPages = present.has(`${name}/pages`);
    const missing = (hasPages ? STOREFRONT_ENTRIES : SERVICE_ENTRIES)
      .filter((entry) => !present.has(`${name}/${entry}`))
      .map((entry) => `services/${name} has no ${entry}`);
    const tooMuch = ['store.ts', 'migrations']
      .filter((entry) => hasPages && present.has(`${name}/${entry}`))
      .map((entry) => `services/${name} has pages and ${entry}: a service without pages keeps what it shows`);
    return [...missing, ...tooMuch];
  });
}
