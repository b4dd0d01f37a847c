// Whether what a page asks for is there: scripts and their flags, the CLI's commands, stacks, outputs, settings, files.
import { isObject } from '../infra/requests/check-request.ts';
import type { Page } from './page.ts';

/** What the repository has. */
export interface Repository {
  /** Of package.json, with their commands. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly stacks: readonly string[];
  /** Names of each stack's outputs. */
  readonly outputs: Readonly<Record<string, ReadonlySet<string>>>;
  /** Of an environment. */
  readonly settings: unknown;
  /** Services of the clusters, `namespace/name`. */
  readonly services: ReadonlySet<string>;
  /** Versions of charts that a person installs, by name. */
  readonly charts: ReadonlyMap<string, string>;
  isThere(path: string): boolean;
  read(path: string): string;
  /** What `cdktf <command> --help` prints; empty where there is no such command. */
  cdktfHelp(command: string): string;
}

/** Each fault begins with the page. */
export const pageFaults = (page: Page, repository: Repository): string[] =>
  [
    ...page.commands.flatMap((command) => commandFaults(command, repository)),
    ...outputFaults(page, repository),
    ...page.codes.flatMap((code) => [...pathFaults(code, repository), ...settingFaults(code, repository)]),
    ...page.links.flatMap((target) => linkFaults(page, target, repository)),
  ].map((fault) => `${page.path}: ${fault}`);

function commandFaults(command: string, repository: Repository): string[] {
  // Variables may stand before a command, and more than one command on a line.
  return command
    .split(/&&|\|\|?|;/)
    .map((part) => part.trim().replace(/^(?:\w+=(?:"[^"]*"|\S*)\s+)+/, ''))
    .flatMap((part) => {
      const words = part.split(/\s+/);
      if (part.startsWith('npm run ')) return scriptFaults(words.slice(2), repository);
      if (/^npx (?:--no-install )?cdktf /.test(part)) return cdktfFaults(words, repository);
      if (part.startsWith('kubectl ')) return kubectlFaults(part, repository);
      if (part.startsWith('kind create '))
        return fileFaults(words[words.indexOf('--config') + 1]!, repository);
      if (part.startsWith('helm install ')) return helmFaults(words, repository);
      return part.startsWith('node ') ? nodeFaults(words, repository) : [];
    });
}

function scriptFaults(words: readonly string[], { scripts, read }: Repository): string[] {
  const [name = '', ...rest] = words.filter((word) => word !== '--silent');
  const command = scripts[name];
  if (command === undefined) return [`npm run ${name} is no script of package.json`];
  // The programs take their flags with `parseArgs`, by name: `environment: { type: 'string' }`.
  const sources = command.match(/\S+\.(?:ts|js)\b/g) ?? [];
  const text = sources
    .filter((file) => !file.includes('closed-pipe'))
    .map(read)
    .join('\n');
  return flagsIn(rest)
    .filter((flag) => !isFlagOf(text, flag))
    .map((flag) => `npm run ${name} takes no --${flag}`);
}

const isFlagOf = (source: string, flag: string): boolean =>
  source === '' || new RegExp(`(?:^|[\\s{,(])['"]?(?:--)?${flag}['"]?(?:[:,)\\s]|$)`, 'm').test(source);

const flagsIn = (words: readonly string[]): string[] =>
  words.flatMap((word) => /^--([a-z][\w-]*)/.exec(word)?.[1] ?? []);

/** Flags of the CLI whose value is the next word. */
const WITH_VALUE = new Set(['var', 'outputs-file', 'output', 'app', 'parallelism', 'var-file']);

function cdktfFaults(words: readonly string[], repository: Repository): string[] {
  const [command = '', ...rest] = words.slice(words.indexOf('cdktf') + 1);
  // `npx cdktf` alone names the tool.
  if (command === '' || command.startsWith('<')) return [];
  const help = repository.cdktfHelp(command);
  if (!help) return [`cdktf has no command ${command}`];
  const stacks = rest.filter((word, at) => !word.startsWith('-') && !isValueOf(rest[at - 1]));
  return [
    ...flagsIn(rest)
      .filter((flag) => !new RegExp(`--${flag}\\b`).test(help))
      .map((flag) => `cdktf ${command} takes no --${flag}`),
    ...stacks
      .map((stack) => stack.replaceAll(/['"]/g, ''))
      .filter((stack) => stack !== '*' && !/^[<$]/.test(stack) && !repository.stacks.includes(stack))
      .map((stack) => `there is no stack ${stack}`),
  ];
}

const isValueOf = (flag: string | undefined): boolean =>
  flag !== undefined && !flag.includes('=') && WITH_VALUE.has(flag.replace(/^--/, ''));

/** Of a port that is forwarded, the Service behind it; of an object, its namespace. */
function kubectlFaults(command: string, repository: Repository): string[] {
  const { services } = repository;
  const [, namespace] = /--namespace[ =](\S+)/.exec(command) ?? [];
  const [, service] = /\bsvc\/(\S+)/.exec(command) ?? [];
  const [, file] = /--filename[ =](\S+)/.exec(command) ?? [];
  const isKnown = [...services].some((name) => name.startsWith(`${namespace}/`));
  return [
    ...(namespace === undefined || isKnown ? [] : [`no Service is in a namespace ${namespace}`]),
    ...(service && !services.has(`${namespace}/${service}`)
      ? [`there is no Service ${namespace}/${service}`]
      : []),
    ...(file ? fileFaults(file, repository) : []),
  ];
}

/** `helm install <release> <chart> --version <version> --values <file>` */
function helmFaults(words: readonly string[], repository: Repository): string[] {
  const chart = words[3]!;
  const after = (flag: string): string => words[words.indexOf(flag) + 1] ?? '';
  return [
    ...(repository.charts.get(chart) === after('--version')
      ? []
      : [`${chart} ${after('--version')} is not what the stacks install`]),
    ...fileFaults(after('--values'), repository),
  ];
}

const fileFaults = (path: string, { isThere }: Repository): string[] =>
  isThere(path) ? [] : [`there is no ${path}`];

const nodeFaults = (words: readonly string[], { isThere }: Repository): string[] =>
  words.filter((word) => /\.(ts|js)$/.test(word) && !isThere(word)).map((word) => `there is no ${word}`);

/** `.gcp.image_repository`, as jq reads it from a file of outputs; and `… is the output `x` of `gcp``. */
function outputFaults({ text }: Page, { stacks, outputs }: Repository): string[] {
  const asked = [
    ...[...text.matchAll(/'\.(\w+)\."?([\w-]+)"?/g)].map(([, stack, name]) => [stack, name] as const),
    ...[...text.matchAll(/output\s+`([\w-]+)`\s+of\s+`(\w+)`/g)].map(
      ([, name, stack]) => [stack, name] as const,
    ),
  ];
  return asked
    .filter(([stack = '']) => stacks.includes(stack))
    .filter(([stack = '', name = '']) => !outputs[stack]?.has(name))
    .map(([stack, name]) => `the stack ${stack} has no output ${name}`);
}

/** Made by a command, and not there before. */
const MADE = /^(dist|cdktf\.out|\.cache|\.local|node_modules)\b/;
const FOLDERS = /^(analytics|bench|contracts|docs|k8s|lambda|local|runtime|services|stacks|test|\.github)\//;

function pathFaults(code: string, { isThere }: Repository): string[] {
  const path = code.replace(/:\d+$/, '');
  if (!FOLDERS.test(path) || MADE.test(path) || /[<>*$ {]|…/.test(path)) return [];
  return isThere(path) ? [] : [`there is no ${path}`];
}

function linkFaults({ path }: Page, target: string, { isThere }: Repository): string[] {
  if (/^[a-z]+:/.test(target)) return [];
  const whole = new URL(target, `file:///${path}`).pathname.slice(1);
  return isThere(decodeURIComponent(whole)) ? [] : [`the link ${target} leads nowhere`];
}

/** `aws.eks.publicApiRanges`, a field of the settings. `analytics.…` is a table of the database, too, and is let pass. */
function settingFaults(code: string, { settings }: Repository): string[] {
  if (
    !/^(aws|gcp|link|gitops|ci|bootstrap|edge|payments)(\.[a-z]\w*)+$/.test(code) ||
    code.endsWith('.tfstate')
  )
    return [];
  let at: unknown = settings;
  for (const step of code.split('.')) at = isObject(at) ? at[step] : undefined;
  return at === undefined ? [`the settings have no ${code}`] : [];
}
