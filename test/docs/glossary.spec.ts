// The words of docs/glossary.md: each has one meaning, and the code says it.
import { describe, expect, it } from '@jest/globals';
import { readRepositoryFile, repositoryPaths } from '../architecture/source-files.ts';

const SOURCES = /^(analytics|contracts|k8s|lambda|local|runtime|services|stacks)\/.*(?<!\.spec)\.(ts|sql)$/;
/** Names are written in several ways: `deadLetter`, `dead_letter`, `DEAD-LETTER`. */
const BETWEEN_WORDS = '[\\s_-]?';

const sources = repositoryPaths()
  .filter((path) => SOURCES.test(path))
  .map(readRepositoryFile);

const wordsOf = (page: string): string[] =>
  [...page.matchAll(/^\| ([^|]+) \| [^|]+ \|$/gm)]
    .map(([, word = '']) => word)
    .filter((word) => word !== 'word');

/** Words that no source contains; with an ending, as in `deadLetters`, they count. */
const unusedWords = (page: string): string[] =>
  wordsOf(page).filter((word) => {
    const written = new RegExp(word.split(/[\s_-]/).join(BETWEEN_WORDS), 'i');
    return !sources.some((text) => written.test(text));
  });

describe('docs/glossary.md', () => {
  const page = readRepositoryFile('docs/glossary.md');

  it('has words that occur in the code', () => {
    expect(wordsOf(page).length).toBeGreaterThan(40);
    expect(unusedWords(page)).toEqual([]);
  });

  it('has each word once, in the order of the alphabet', () => {
    expect(wordsOf(page)).toEqual([...new Set(wordsOf(page))].toSorted((a, b) => a.localeCompare(b, 'en')));
  });

  it('explains each word in its one line', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| word'));
    expect(lines.length).toBe(wordsOf(page).length);
  });
});

describe('negative control: a glossary is refused that', () => {
  it('has a word that no code uses', () => {
    const page = '| word | meaning |\n|---|---|\n| dead letter | a |\n| brouhaha | b |\n';
    expect(unusedWords(page)).toEqual(['brouhaha']);
  });
});
