// Every TypeScript file of the repository in, facts about it out: what it imports, declares and calls, how long it is.
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Module, parseSync } from '@swc/core';
import { type Node, nodeName, visit } from './syntax.ts';

/** One import, re-export, dynamic import or imported type. */
export interface Import {
  readonly specifier: string;
  /** The repository path of a file of ours; undefined for packages. */
  readonly path?: string;
  readonly names: readonly string[];
  readonly isTypeOnly: boolean;
}

/** A function and its length, first to last line. */
export interface FunctionSize {
  /** Dotted from the outside in: `createHttp.<anonymous>`. */
  readonly name: string;
  readonly lines: number;
}

export interface SourceFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionSize[];
  /** Names that the file declares at its top level. */
  readonly declares: readonly string[];
  /** Those of them that it exports where it declares them. */
  readonly exports: readonly string[];
  /** True when it has statements and each only hands on what another file has. */
  readonly isForwardOnly: boolean;
  readonly syntax: Module;
}

const rootFolder = fileURLToPath(new URL('../../', import.meta.url));
const IGNORED = ['node_modules', 'dist', 'coverage', 'cdktf.out', '.cache', '.local', '.git'];

/** Paths of every file that is ours, whatever its kind, sorted. */
export function repositoryPaths(pattern = '**/*'): string[] {
  const found = globSync(pattern, {
    cwd: rootFolder,
    exclude: (name) => IGNORED.includes(posix.basename(name)),
  });
  return found.map((path) => path.replaceAll('\\', '/')).toSorted();
}

export const readRepositoryFile = (path: string): string => readFileSync(join(rootFolder, path), 'utf8');

/** Reads and parses every TypeScript file. */
export const sourceFiles = (): SourceFile[] =>
  repositoryPaths('**/*.{ts,tsx}').map((path) => parseSource(path, readRepositoryFile(path)));

/** The facts of one file's text. */
export function parseSource(path: string, text: string): SourceFile {
  const syntax = parseSync(text, {
    syntax: 'typescript',
    tsx: path.endsWith('.tsx'),
    target: 'es2024',
  });
  return {
    path,
    lines: text.replace(/\n$/, '').split('\n').length,
    imports: importsOf(path, syntax),
    functions: functionsOf(syntax, lineCounter(text)),
    declares: syntax.body.flatMap((statement) => declaredNames(statement as unknown as Node)),
    exports: syntax.body
      .filter(({ type }) => type === 'ExportDeclaration')
      .flatMap((statement) => declaredNames(statement as unknown as Node)),
    isForwardOnly: isForwardOnly(syntax),
    syntax,
  };
}

const IMPORTING = new Set(['ImportDeclaration', 'ExportAllDeclaration', 'ExportNamedDeclaration']);

function importsOf(path: string, syntax: Module): Import[] {
  const imports: Import[] = [];
  visit(syntax as unknown as Node, (node) => {
    const specifier = importedFrom(node);
    if (specifier === undefined) return;
    const isTypeOnly = node.typeOnly === true || node.type === 'TsImportType';
    const target = resolveImport(path, specifier);
    imports.push({ specifier, names: specifierNames(node), isTypeOnly, ...(target ? { path: target } : {}) });
  });
  return imports;
}

/** The specifier of whatever form of import the node is. */
function importedFrom(node: Node): string | undefined {
  if (IMPORTING.has(node.type)) return (node.source as { value: string } | null)?.value;
  if (node.type === 'TsImportType') return (node.argument as { value: string }).value;
  const callee = node.callee as Node | undefined;
  if (node.type !== 'CallExpression' || callee?.type !== 'Import') return undefined;
  const [first] = node.arguments as { expression: Node & { value?: unknown } }[];
  // A computed path cannot be judged: it is named as such, and no rule allows it unseen.
  return first?.expression.type === 'StringLiteral' ? String(first.expression.value) : '(computed)';
}

const specifierNames = (node: Node): string[] =>
  ((node.specifiers as Node[] | undefined) ?? []).flatMap(
    (one) => nodeName(one.imported) ?? nodeName(one.orig) ?? nodeName(one.local) ?? [],
  );

/** Where an import of ours leads: relative, or by the `imports` map of package.json. */
function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(from), specifier));
  return /^#(contracts|runtime)\//.test(specifier) ? specifier.slice(1) : undefined;
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'Constructor',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
]);

function functionsOf(syntax: Module, linesOf: (node: Node) => number): FunctionSize[] {
  const longest = new Map<string, number>();
  visit(syntax as unknown as Node, (node, names) => {
    if (!FUNCTIONS.has(node.type)) return;
    const name = names.join('.') || '<anonymous>';
    longest.set(name, Math.max(longest.get(name) ?? 0, linesOf(node)));
  });
  return [...longest].map(([name, lines]) => ({ name, lines }));
}

/** Spans are counted in UTF-8 bytes, from 1. */
function lineCounter(text: string): (node: Node) => number {
  const bytes = Buffer.from(text);
  return ({ span }) => {
    if (!span) return 0;
    return bytes
      .subarray(span.start - 1, span.end - 1)
      .toString()
      .split('\n').length;
  };
}

function declaredNames(statement: Node): string[] {
  const declaration = (statement.declaration ?? statement.decl ?? statement) as Node;
  const declarators = (declaration.declarations as Node[] | undefined) ?? [declaration];
  return declarators.flatMap((one) => nodeName(one.id) ?? nodeName(one.identifier) ?? []);
}

function isForwardOnly({ body }: Module): boolean {
  const forwards = body.filter(
    ({ type }) => type === 'ExportAllDeclaration' || type === 'ExportNamedDeclaration',
  );
  return forwards.length > 0 && body.every(({ type }) => IMPORTING.has(type));
}
