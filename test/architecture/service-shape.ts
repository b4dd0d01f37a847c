// The one shape of the services (services/README.md): the same entries in each, and each entry says the same thing in every service.
import type { Process } from '#contracts/process.ts';
import type { SourceFile } from './source-files.ts';
import { type Node, nodeName, visit } from './syntax.ts';

const ENTRIES = [
  'README.md',
  'config.ts',
  'domain.ts',
  'http.ts',
  'main.ts',
  'migrations',
  'openapi.json',
  'store.ts',
];
/** Files that say the same thing wherever they are, and what each exports. */
const EXPORTS: readonly { readonly file: RegExp; readonly names: (service: string) => RegExp }[] = [
  { file: /^config\.ts$/, names: (service) => new RegExp(`^${service}Config$`) },
  { file: /^domain\.ts$/, names: () => /^[A-Z]\w*Store$/ },
  { file: /^http\.ts$/, names: (service) => new RegExp(`^${service}Routes$`) },
  { file: /^consumers\.ts$/, names: (service) => new RegExp(`^${service}Consumers$`) },
  { file: /^jobs\.ts$/, names: (service) => new RegExp(`^${service}Jobs$`) },
  { file: /^metrics\.ts$/, names: (service) => new RegExp(`^create${capital(service)}Metrics$`) },
  { file: /\/http\.ts$|-routes\.ts$/, names: () => /^[a-z]\w*Routes$/ },
  { file: /(^|\/)store\.ts$/, names: () => /^create[A-Z]\w*Store$/ },
];
const EDGE = /(^|\/)(http|consumers|[a-z-]+-routes)\.ts$/;
const DECISIONS = new Set(['happened', 'ignored', 'refused', 'impossible']);

/** Where a service differs from the shape of all. @param paths of all files under `services/` */
export function shapeFaults(
  files: readonly SourceFile[],
  paths: readonly string[],
  services: readonly Process[],
): string[] {
  return services.flatMap((service) => {
    const folder = `services/${service.name}/`;
    const inside = paths.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
    const sources = files.filter(({ path }) => path.startsWith(folder) && !path.endsWith('.spec.ts'));
    return [
      ...entryFaults(service, new Set(inside.flatMap((path) => [path, path.split('/')[0]!]))),
      ...sources.flatMap((file) => contentFaults(file, file.path.slice(folder.length), service.name)),
    ].map((fault) => `${folder}${fault}`);
  });
}

/** A service that serves pages: others decide and keep for it. */
const STOREFRONT_ENTRIES = [
  'README.md',
  'app.ts',
  'bff',
  'build.ts',
  'config.ts',
  'design',
  'main.ts',
  'pages',
  'routes',
];

/** Where a folder of pages differs from the shape of a storefront. @param paths of all files under `services/` */
export function storefrontFaults(paths: readonly string[]): string[] {
  const inside = paths.filter((path) => path.startsWith('services/')).map((path) => path.split('/'));
  const present = new Set(inside.map(([, name, entry]) => `${name}/${entry}`));
  const storefronts = new Set(inside.flatMap(([, name, entry]) => (entry === 'pages' ? [name] : [])));
  return [...storefronts].flatMap((name) => [
    ...STOREFRONT_ENTRIES.filter((entry) => !present.has(`${name}/${entry}`)).map(
      (entry) => `services/${name} has no ${entry}`,
    ),
    ...['store.ts', 'migrations']
      .filter((entry) => present.has(`${name}/${entry}`))
      .map((entry) => `services/${name} has pages and ${entry}: a service without pages keeps what it shows`),
  ]);
}

function entryFaults({ consumes }: Process, present: ReadonlySet<string>): string[] {
  const isConsumer = consumes.length > 0;
  return [
    ...ENTRIES.filter((entry) => !present.has(entry)).map((entry) => `${entry} is missing`),
    ...(present.has('consumers.ts') === isConsumer
      ? []
      : [
          isConsumer ? 'consumers.ts is missing' : 'consumers.ts: the contract says that nothing is consumed',
        ]),
  ];
}

function contentFaults(file: SourceFile, path: string, service: string): string[] {
  const wanted = EXPORTS.filter(({ file: matches }) => matches.test(path)).map(({ names }) => names(service));
  const missing = wanted.filter((names) => !file.exports.some((name) => names.test(name)));
  const isTold = (name: string) => file.imports.some(({ names }) => names.includes(name));
  return [
    ...missing.map((names) => `${path} exports nothing that is called ${names.source}`),
    ...(path === 'main.ts' && file.exports.length > 0 ? ['main.ts wires, and exports nothing'] : []),
    ...(path === 'main.ts' && !isTold('runService') ? ['main.ts does not call runService'] : []),
    ...(/(^|\/)plan\.ts$/.test(path) ? [`${path}: a table of transitions is transitions.ts`] : []),
    ...(isTold('Problem') && !EDGE.test(path) ? [`${path} makes an HTTP problem: that is for edges`] : []),
    ...decisionFaults(file).map((fault) => `${path}: ${fault}`),
  ];
}

/** A `Decision` of a domain has no other kinds than those of all. */
function decisionFaults({ syntax }: SourceFile): string[] {
  const faults: string[] = [];
  visit(syntax as unknown as Node, (node) => {
    if (node.type !== 'TsTypeAliasDeclaration' || nodeName(node.id) !== 'Decision') return;
    for (const kind of kindsOf(node))
      if (!DECISIONS.has(kind)) faults.push(`a decision is ${[...DECISIONS].join(', ')}, and never ${kind}`);
  });
  return faults;
}

/** The texts that the type allows for its property `kind`. */
function kindsOf(type: Node): string[] {
  const kinds: string[] = [];
  visit(type, (node) => {
    if (node.type !== 'TsPropertySignature' || nodeName(node.key) !== 'kind') return;
    visit(node, ({ type: inner, value }) => {
      if (inner === 'StringLiteral') kinds.push(String(value));
    });
  });
  return kinds.length > 0 ? kinds : ['without a kind'];
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
