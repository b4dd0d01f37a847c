// Who may import what: one table, and the packages that package.json must name.
import { isBuiltin } from 'node:module';
import type { Import, SourceFile } from './source-files.ts';

/** What an import leads to, as the table speaks of it. */
type Target =
  | 'contracts'
  | 'runtime'
  | 'own'
  | 'pure'
  /** Other edges of the same service: a list of routes is made of lists. */
  | 'edge'
  | 'door'
  /** What builds the Lambdas, for each of their `build.ts`. */
  | 'build'
  /** What an environment is, for the code that writes the manifests of its cluster. */
  | 'environment'
  /** Where a laptop keeps its data. */
  | 'folders'
  | 'test'
  | 'schema'
  | 'npm'
  | 'node'
  | 'foreign'
  /** A path made at run time: a bundle that was just built. */
  | 'computed';

interface Rule {
  readonly who: string;
  readonly matches: RegExp;
  readonly may: readonly Target[];
}

/** Files without effects: they reach nothing but contracts and each other. */
const PURE = /\/(domain|transitions|topology|plan|windows)\.ts$/;
/** Where requests and events come into a service. */
const EDGE = /^services\/.+\/(http|consumers|[a-z-]+-routes)\.ts$/;
const EVERYTHING: readonly Target[] = ['own', 'contracts', 'runtime', 'npm', 'node'];

/** The first row that matches a file holds. */
export const IMPORT_TABLE: readonly Rule[] = [
  { who: 'test and bench', matches: /^(test|bench)\//, may: [...EVERYTHING, 'test', 'foreign', 'computed'] },
  {
    who: 'platform specs',
    matches: /^(local|demo)\/.*\.spec\.ts$|\.(int|e2e|fault)\.spec\.ts$/,
    may: [...EVERYTHING, 'test', 'foreign', 'computed'],
  },
  {
    who: 'specs of builds',
    matches: /^lambda\/build[^/]*\.spec\.ts$/,
    may: [...EVERYTHING, 'test', 'build'],
  },
  { who: 'unit specs', matches: /\.spec\.ts$/, may: [...EVERYTHING, 'test', 'computed'] },
  { who: 'contracts', matches: /^contracts\//, may: ['contracts', 'schema'] },
  { who: 'runtime', matches: /^runtime\//, may: ['runtime', 'contracts', 'npm', 'node'] },
  { who: 'domain, transitions, topology, plan', matches: PURE, may: ['pure', 'contracts'] },
  { who: 'store', matches: /^services\/.+\/store\.ts$/, may: ['pure', 'contracts', 'runtime', 'node'] },
  {
    who: 'edges of a service',
    matches: EDGE,
    may: ['pure', 'edge', 'contracts', 'runtime', 'schema', 'node'],
  },
  {
    who: 'main of a deployable',
    matches: /^(services\/[^/]+|analytics|lambda\/[^/]+)\/main\.ts$/,
    may: ['own', 'contracts', 'runtime', 'node'],
  },
  { who: 'pages of a storefront', matches: /^services\/[^/]+\/pages\//, may: ['own', 'contracts', 'npm'] },
  {
    who: 'app of a storefront',
    matches: /^services\/[^/]+\/app\.ts$/,
    may: [...EVERYTHING, 'computed'],
  },
  {
    who: 'builds of Lambdas and their specs’ tools',
    matches: /^lambda\/([^/]+\/)?(build|test)[^/]*\.ts$/,
    may: [...EVERYTHING, 'build'],
  },
  { who: 'stacks', matches: /^stacks\//, may: ['own', 'contracts', 'npm', 'node'] },
  {
    who: 'builds of images',
    matches: /^k8s\/images\//,
    may: ['own', 'contracts', 'environment', 'build', 'npm', 'node'],
  },
  { who: 'k8s', matches: /^k8s\//, may: ['own', 'contracts', 'environment', 'npm', 'node'] },
  { who: 'local', matches: /^local\//, may: [...EVERYTHING, 'door', 'computed'] },
  { who: 'demo', matches: /^demo\//, may: [...EVERYTHING, 'folders'] },
  { who: 'everyone else', matches: /./, may: EVERYTHING },
];

/** What another folder may use of a deployable: where it starts and how it is built. */
const DOOR =
  /^((services\/[^/]+|analytics|lambda\/[^/]+)\/(main|handler|build)|analytics\/flink\/(job|runs\/engine))\.ts$/;
/** What stacks and manifests share of an environment. */
const ENVIRONMENT =
  /^stacks\/(settings|host-names|versions|addresses|prices|gitops\/(root|argocd-values)|environments\/environments|aws\/(subnet-ranges|node-architecture)|constructs\/access-log-names|edge\/(web-acl-name|alarm-topic-name))\.ts$/;
/** The words for decisions; as types they bring no effects into a domain. */
const DECISIONS = 'runtime/decisions.ts';
const LOCAL_FOLDERS = 'local/launcher/folders.ts';
const SHARED_BUILD = /^lambda\/build[^/]*\.ts$/;
const SCHEMA_LIBRARY = 'zod';
/** Files that reach past a package's exports, on purpose and in one place: an upgrade of the package looks here. */
const PAST_EXPORTS = new Set(['local/s3/fauxqs-stores.ts']);

/** Imports of a file that its row of the table does not allow. */
export function importFaults(file: SourceFile): string[] {
  const rule = IMPORT_TABLE.find(({ matches }) => matches.test(file.path));
  return file.imports
    .filter((one) => !targetsOf(file.path, one).some((target) => rule?.may.includes(target)))
    .map((one) => `${file.path} imports ${one.specifier}: ${rule?.who} may import ${rule?.may.join(', ')}`);
}

function targetsOf(from: string, { specifier, path, isTypeOnly }: Import): Target[] {
  if (specifier === '(computed)') return ['computed'];
  if (!path) {
    if (isBuiltin(specifier)) return ['node'];
    return specifier === SCHEMA_LIBRARY ? ['schema', 'npm'] : ['npm'];
  }
  if (path.startsWith('node_modules/')) return PAST_EXPORTS.has(from) ? ['npm'] : [];
  const house = houseOf(path);
  if (path === DECISIONS && isTypeOnly) return ['runtime', 'pure'];
  if (house === 'contracts' || house === 'runtime') return [house];
  if (house === 'test') return ['test'];
  if (path === LOCAL_FOLDERS)
    return ['folders', 'foreign', ...(houseOf(from) === 'local' ? (['own'] as const) : [])];
  if (ENVIRONMENT.test(path) && houseOf(from) === 'k8s') return ['environment'];
  if (SHARED_BUILD.test(path)) return ['build', 'foreign'];
  if (house !== houseOf(from)) return DOOR.test(path) ? ['door', 'foreign'] : ['foreign'];
  if (EDGE.test(path)) return ['own', 'edge'];
  return PURE.test(path) ? ['own', 'pure'] : ['own'];
}

/** The folder within which files may import each other: a deployable, or a top-level folder. */
export function houseOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  // What stands beside the services looks at all of them, and imports none.
  const isDeployable = (top === 'services' || top === 'lambda') && !second.endsWith('.ts');
  return isDeployable ? `${top}/${second}` : top;
}

/** The parts of package.json that count here. */
export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Folders whose code runs when deployed: what they import must be installed there. */
const DEPLOYED = /^(contracts|runtime|services|analytics|lambda)\//;
const TOOL = /(\.spec|\.cli)\.ts$|\/(build|test)[^/]*\.ts$/;

/** What a program's host brings itself, of which package.json has the types alone; and who runs there. */
const BY_ITS_HOST = new Map([['k6', /^k8s\/load\/k6\/script\.ts$/]]);

/** Imports of packages that package.json does not name, or names for development only. */
export function packageFaults(file: SourceFile, manifest: Manifest): string[] {
  const isDeployed = DEPLOYED.test(file.path) && !TOOL.test(file.path);
  return file.imports.flatMap(({ specifier, path, isTypeOnly }) => {
    if (path || isBuiltin(specifier) || specifier === '(computed)') return [];
    const name = packageName(specifier);
    if (name in manifest.dependencies) return [];
    const types = `@types/${name.replace(/^@/, '').replace('/', '__')}`;
    const areTypesEnough = isTypeOnly || BY_ITS_HOST.get(name)?.test(file.path);
    const isDevelopment =
      name in manifest.devDependencies || (areTypesEnough && types in manifest.devDependencies);
    if (isDevelopment && (isTypeOnly || !isDeployed)) return [];
    const fault = isDevelopment ? 'runs when deployed and is a devDependency' : 'is not in package.json';
    return [`${file.path} imports ${name}, which ${fault}`];
  });
}

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Modules with one door: everybody else goes through the files named here. */
const SINGLE_DOORS: readonly { readonly name: string; readonly doors: RegExp }[] = [
  { name: 'kafkajs', doors: /^runtime\/kafka\/[^/]+\.ts$/ },
];

/** Imports of a library past its one door. */
export function singleDoorFaults(file: SourceFile): string[] {
  return SINGLE_DOORS.flatMap(({ name, doors }) =>
    !doors.test(file.path) && file.imports.some(({ specifier }) => packageName(specifier) === name)
      ? [`${file.path} imports ${name}: only ${doors.source} may`]
      : [],
  );
}

/** A provider's package has thousands of modules: through its index they are all loaded (docs/adr/0007). */
const OF_ONE_RESOURCE = /^@cdktf\/provider-[a-z-]+\/lib\/[a-z0-9-]+\/index\.js$/;

/** Imports of a Terraform provider that are not of one resource. */
export const providerFaults = (file: SourceFile): string[] =>
  file.imports
    .filter(({ specifier }) => specifier.startsWith('@cdktf/provider-') && !OF_ONE_RESOURCE.test(specifier))
    .map(({ specifier }) => `${file.path} imports ${specifier}: import /lib/<resource>/index.js`);
