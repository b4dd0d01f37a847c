// A name in, the smallest service that keeps every rule out: its folder, and a line of it wherever services are listed. Nothing is written
// unless all of it can be.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** The text of each file that is new or changed, by its path from the repository's root. */
export type Changes = ReadonlyMap<string, string>;

const TEMPLATE = join(import.meta.dirname, 'template');
/** Prometheus, Kubernetes and Postgres take it as it is, and so does a variable's name. */
const NAME = /^[a-z][a-z0-9]{1,19}$/;

/** Why a service cannot be called so; undefined when it can. */
export function nameFault(name: string, root: string): string | undefined {
  if (!NAME.test(name))
    return `a service is called by 2 to 20 small letters and digits, a letter first, such as wishlist; not ${JSON.stringify(name)}`;
  if (name in {} || !isIdentifier(name)) return `${name} is a word of JavaScript: choose another name`;
  const [there] = ['services/', 'lambda/', '', 'local/', 'k8s/overlays/*/']
    .flatMap((folder) => globSync(`${folder}${name}`, { cwd: root }))
    .map((path) => path.replaceAll('\\', '/'));
  if (there) return `${name} is taken: there is ${there}`;
  if (Object.hasOwn(JSON.parse(read(root, 'k8s/images.lock.json')), name))
    return `${name} is taken: k8s/images.lock.json has an image of that name`;
  return undefined;
}

function isIdentifier(name: string): boolean {
  try {
    return Boolean(new Script(`'use strict'; async () => { let ${name}; }`));
  } catch {
    return false;
  }
}

const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8');

/** What has to be written. @throws TypeError for a name that cannot be, and where a file is not written as expected */
export function newService(name: string, root: string): Changes {
  const fault = nameFault(name, root);
  if (fault) throw new TypeError(fault);
  const port = freePort(read(root, CONTRACT));
  const words: Words = { name, Name: name[0]!.toUpperCase() + name.slice(1), port: String(port) };
  return new Map([
    ...templateFiles().map(
      (path) =>
        [
          `services/${name}/${fill(path.replace(/\.txt$/, ''), words)}`,
          fill(read(TEMPLATE, path), words),
        ] as const,
    ),
    ...LISTS.map((list) => [list.path, enlist(read(root, list.path), list, words)] as const),
  ]);
}

type Words = Readonly<Record<'name' | 'Name' | 'port', string>>;

const fill = (text: string, words: Words): string =>
  text.replaceAll(/\{\{(name|Name|port)\}\}/g, (_match, word: keyof Words) => words[word]);

const templateFiles = (): string[] => globSync('**/*.txt', { cwd: TEMPLATE }).toSorted();

const CONTRACT = 'contracts/shop-processes.ts';

/** One after the last; its metrics have the port a hundred above. */
function freePort(contract: string): number {
  const ports = [...contract.matchAll(/\b(40\d\d)\b/g)].map(([, port]) => Number(port));
  if (ports.length === 0 || Math.max(...ports) >= 4_099)
    throw new TypeError(`${CONTRACT} has no free port from 4011 to 4099`);
  return Math.max(...ports) + 1;
}

/** A file that names each service, and what a new one adds to it. */
interface List {
  readonly path: string;
  readonly additions: readonly {
    /** Before the first of these, or after the last; once at least. */
    readonly place: 'before' | 'after';
    readonly mark: RegExp;
    readonly text: string;
  }[];
}

const LISTS: readonly List[] = [
  {
    path: CONTRACT,
    additions: [
      {
        place: 'before',
        mark: /^export const SERVICES: /m,
        text: "export const {{name}}Service = service('{{name}}', {{port}}, [productChanged], []);\n\n",
      },
      {
        place: 'after',
        mark: /(?<=^export const SERVICES: [^[]*\[\] = \[\n(?: {2}\w+,\n)*) {2}\w+,\n/gm,
        text: '  {{name}}Service,\n',
      },
    ],
  },
  {
    path: 'test/contracts/service-documents.ts',
    additions: [
      {
        place: 'after',
        mark: /^import .* from '\.\.\/\.\.\/services\/.*';\n/gm,
        text: "import { {{name}}Routes } from '../../services/{{name}}/http.ts';\n",
      },
      {
        place: 'after',
        mark: /^export const SERVICE_ROUTES: .* = \{\n/m,
        text: '  {{name}}: {{name}}Routes(uncalled),\n',
      },
    ],
  },
  {
    path: 'services/README.md',
    additions: [
      {
        place: 'after',
        mark: /^\| \[\w+\]\(\w+\/README\.md\) \|.*\n/gm,
        text: '| [{{name}}]({{name}}/README.md) | {{port}} | what it knows of products | `product.changed` | |\n',
      },
    ],
  },
];

function enlist(text: string, { path, additions }: List, words: Words): string {
  return additions.reduce((before, { place, mark, text: addition }) => {
    const found = [...before.matchAll(new RegExp(mark.source, [...new Set(`${mark.flags}g`)].join('')))];
    const at = place === 'before' ? found[0] : found.at(-1);
    if (!at) throw new TypeError(`${path} is not written as expected: it has no ${mark.source}`);
    const index = at.index + (place === 'after' ? at[0].length : 0);
    return before.slice(0, index) + fill(addition, words) + before.slice(index);
  }, text);
}
