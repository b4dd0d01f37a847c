// The recipes of CONTRIBUTING.md as steps: which file to write or change and how, and which commands to run. A step is a sentence in front of
// a block of code, so that a person and a program read the same.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Step =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | {
      readonly kind: 'after' | 'before' | 'instead';
      readonly path: string;
      /** A whole line, which stands in the file once. */
      readonly line: string;
      readonly text: string;
    }
  | { readonly kind: 'run'; readonly command: string };

export interface Recipe {
  readonly title: string;
  readonly steps: readonly Step[];
}

const BLOCK =
  /^(?:`(?<path>[^`\n]+)`, (?:(?<isNew>new)|(?<place>after|before|instead of) the line `(?<line>[^`\n]+)`)|(?<run>Run)):\n\n```\w*\n(?<text>[\s\S]*?)^```$/gm;

/** Each `### …` below `## Recipes`. */
export function readRecipes(page: string): Recipe[] {
  const [, below = ''] = page.split(/^## Recipes$/m);
  const [recipes = ''] = below.split(/^## /m);
  return recipes
    .split(/^### /m)
    .slice(1)
    .map((text) => ({ title: text.split('\n')[0]!, steps: [...text.matchAll(BLOCK)].flatMap(stepsOf) }));
}

function stepsOf({ groups }: RegExpMatchArray): Step[] {
  const { path = '', isNew, place = '', line = '', text = '' } = groups!;
  if (groups!.run)
    return text
      .trim()
      .split('\n')
      .map((command) => ({ kind: 'run', command }));
  if (isNew) return [{ kind: 'write', path, text }];
  return [{ kind: place.split(' ')[0] as 'after' | 'before' | 'instead', path, line, text }];
}

/** Whether the recipes write the file, or their `npm run new:service` does: a reader who follows them finds it. */
export const isMadeBy = (recipes: readonly Recipe[], path: string): boolean =>
  recipes.some(({ steps }) => steps.some((step) => step.kind === 'write' && step.path === path)) ||
  /^services\/wishlist(\/|$)/.test(path);

/** Changes files below the root as a step says. @throws TypeError when its line does not stand in the file exactly once */
export function changeFile(root: string, step: Exclude<Step, { kind: 'run' }>): void {
  const file = join(root, step.path);
  if (step.kind === 'write') return writeFileSync(file, step.text, { flag: 'wx' });
  writeFileSync(file, changedText(readFileSync(file, 'utf8'), step));
}

export function changedText(
  before: string,
  { kind, path, line, text }: Exclude<Step, { kind: 'run' | 'write' }>,
): string {
  const lines = before.split('\n');
  const [index, ...more] = lines.flatMap((one, at) => (one === line ? [at] : []));
  if (index === undefined || more.length > 0)
    throw new TypeError(`${path} has ${index === undefined ? 'no' : 'more than one'} line ${line}`);
  const added = text.replace(/\n$/, '').split('\n');
  return lines
    .toSpliced(kind === 'after' ? index + 1 : index, kind === 'instead' ? 1 : 0, ...added)
    .join('\n');
}
