// A file that a comment or a page sends its reader to is there.
import { describe, expect, it } from '@jest/globals';
import { readRepositoryFile, repositoryPaths } from '../architecture/source-files.ts';
import { isMadeBy, readRecipes } from '../contributing/recipes.ts';
import { missingFiles, namedFiles } from './named-files.ts';

const paths = repositoryPaths();
const recipes = readRecipes(readRepositoryFile('CONTRIBUTING.md'));
/** Rendered or recorded files say what their makers say. */
const READ = /\.(ts|js|sql|md)$/;
const MADE = /^(k8s\/overlays|contracts\/schemas)\/|^test\/docs\/named-files\.spec\.ts$/;

describe('a file that is named', () => {
  it('in a comment or a page exists', () => {
    const named = paths
      .filter((path) => READ.test(path) && !MADE.test(path))
      .flatMap((path) => namedFiles(path, readRepositoryFile(path)))
      .filter(({ place, name }) => !(place.startsWith('CONTRIBUTING.md:') && isMadeBy(recipes, name)));
    expect(named.length).toBeGreaterThan(300);
    expect(missingFiles(named, paths)).toEqual([]);
  });
});

describe('negative control: it is missed', () => {
  const paths = ['docs/page.md', 'runtime/kafka/client.ts', 'runtime/kafka/fetch.ts'];

  it.each([
    [
      'in a comment',
      'runtime/kafka/fetch.ts',
      '// As gone.ts does.',
      ['runtime/kafka/fetch.ts:1 names gone.ts'],
    ],
    [
      'behind code',
      'runtime/kafka/fetch.ts',
      'const a = 1; // see old/client.ts',
      ['runtime/kafka/fetch.ts:1 names old/client.ts'],
    ],
    [
      'in a doc comment',
      'runtime/kafka/fetch.ts',
      '\n/** See kafka-client.ts. */',
      ['runtime/kafka/fetch.ts:2 names kafka-client.ts'],
    ],
    ['on a page', 'docs/page.md', 'Read `runtime/gone.ts`.', ['docs/page.md:1 names runtime/gone.ts']],
    ['but not beside it', 'runtime/kafka/fetch.ts', '// As client.ts does.', []],
    ['but not from the root', 'docs/page.md', 'Read `runtime/kafka/client.ts`.', []],
    ['but not as the end of a path', 'docs/page.md', 'Read `kafka/client.ts`.', []],
    ['but not in code', 'runtime/kafka/fetch.ts', "import './gone.ts';", []],
    ['but not as an import on a page', 'docs/page.md', "After `import { a } from './gone.ts';`:", []],
    ['but not as a pattern', 'docs/page.md', 'All `*-routes.ts`.', []],
  ])('%s', (_where, path, text, missing) => {
    expect(missingFiles(namedFiles(path, text), paths)).toEqual(missing);
  });
});
