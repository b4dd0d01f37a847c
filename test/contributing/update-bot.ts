// Dependabot's settings in, which packages it proposes together out.
import { parse } from 'yaml';

export interface Group {
  readonly patterns?: readonly string[];
  readonly 'exclude-patterns'?: readonly string[];
}

export interface Update {
  readonly 'package-ecosystem': string;
  readonly directory?: string;
  readonly directories?: readonly string[];
  readonly cooldown?: { readonly 'default-days'?: number };
  readonly groups?: Readonly<Record<string, Group>>;
  readonly ignore?: readonly {
    readonly 'dependency-name': string;
    readonly 'update-types'?: readonly string[];
  }[];
}

export const readUpdates = (text: string): Update[] => (parse(text) as { updates: Update[] }).updates;

/** `*` stands for anything, slashes too. */
const isLike = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+?^$()[\]{}|\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(name);

/** The first group that takes the package (GitHub, "Dependabot options reference", groups); undefined where it comes alone. */
export const groupOf = ({ groups = {} }: Update, name: string): string | undefined =>
  Object.entries(groups).find(
    ([, { patterns = ['*'], 'exclude-patterns': excluded = [] }]) =>
      patterns.some((one) => isLike(one, name)) && !excluded.some((one) => isLike(one, name)),
  )?.[0];

/** Patterns that match no package: they were meant for a package that is gone. */
export const idlePatterns = ({ groups = {}, ignore = [] }: Update, names: readonly string[]): string[] =>
  [
    ...Object.values(groups).flatMap((group) => [
      ...(group.patterns ?? []),
      ...(group['exclude-patterns'] ?? []),
    ]),
    ...ignore.map((one) => one['dependency-name']),
  ].filter((pattern) => !names.some((name) => isLike(pattern, name)));

/** Packages whose major version is not the bot's to raise. */
export const heldMajors = ({ ignore = [] }: Update): string[] =>
  ignore
    .filter((one) => one['update-types']?.includes('version-update:semver-major'))
    .map((one) => one['dependency-name']);
