import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repositoryPaths } from '../architecture/source-files.ts';
import { asEditorSettings, parseEditorConfig, settingsFor, textFaults } from './editor-settings.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const sections = parseEditorConfig(read('.editorconfig'));
const biome = JSON.parse(read('biome.json'));

/** Text of ours; fixtures and what others publish stay as they came. */
const TEXT = /(\.(ts|js|json|jsonc|md|sql|css|html|svg|yaml|yml|proto|txt|cfg)|Dockerfile|run|LICENSE)$/;
const THEIRS = /\/(fixtures|models)\//;

describe('.editorconfig', () => {
  it.each(['runtime/service.ts', 'package.json', 'services/storefront/design/shop.css'])(
    'says of %s what biome.json says',
    (path) => {
      expect(settingsFor(sections, path)).toMatchObject(asEditorSettings(biome));
    },
  );

  it('leaves the lines of prose as long as they are', () => {
    expect(settingsFor(sections, 'docs/gotchas.md')).toMatchObject({ max_line_length: 'off' });
  });

  it('is the last one that an editor looks for', () => {
    expect(sections[0]).toEqual({ glob: '', settings: { root: 'true' } });
  });

  it('is held by every file of ours', () => {
    const paths = repositoryPaths().filter((path) => TEXT.test(path) && !THEIRS.test(path));
    const faults = paths.flatMap((path) =>
      textFaults(read(path), settingsFor(sections, path)).map((fault) => `${path} ${fault}`),
    );
    expect(faults).toEqual([]);
    expect(paths.length).toBeGreaterThan(1_000);
  });
});

describe('negative control: it is reported', () => {
  it.each([
    ['another indent', { indentWidth: 4 }],
    ['another length of lines', { lineWidth: 100 }],
    ['tabs, which are the default of biome', { indentStyle: undefined }],
    ['the line ends of Windows', { lineEnding: 'crlf' }],
  ])('when biome has %s', (_what, change) => {
    const changed = { formatter: { ...biome.formatter, ...change } };
    expect(settingsFor(sections, 'a/b.ts')).not.toMatchObject(asEditorSettings(changed));
  });

  it.each([
    ['a\r\n', 'has a carriage return'],
    ['a', 'does not end with a newline'],
    ['a \nb\n', 'has blanks at the end of a line'],
    ['\uFEFFa\n', 'is not UTF-8, or begins with a mark'],
  ])('when a file is %j', (text, fault) => {
    expect(textFaults(text, settingsFor(sections, 'a/b.ts'))).toEqual([fault]);
  });

  it('when a line of .editorconfig is no setting', () => {
    expect(() => parseEditorConfig('[*]\nindent_size 2\n')).toThrow('indent_size 2 is no setting');
  });
});

describe('biome itself', () => {
  it('formats as these settings say', () => {
    const formatted = execFileSync(
      join(ROOT, 'node_modules/.bin/biome'),
      ['format', '--stdin-file-path=a.ts'],
      {
        cwd: ROOT,
        input: 'if (a) {\n\tb();\n}',
        encoding: 'utf8',
      },
    );
    expect(formatted).toBe('if (a) {\n  b();\n}\n');
  });
});
