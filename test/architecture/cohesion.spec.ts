import { describe, expect, it } from '@jest/globals';
import { circleFaults, lengthFaults } from './cohesion.ts';
import { parseSource } from './source-files.ts';

describe('the facts of a file', () => {
  const long = (lines: number) => `export function price() {\n${'  step();\n'.repeat(lines - 2)}}\n`;

  it('measure it and its functions by their lines, comments and umlauts before them included', () => {
    const file = parseSource('a.ts', `// Größe\n\n${long(45)}`);
    expect(file.lines).toBe(47);
    expect(file.functions).toEqual([{ name: 'price', lines: 45 }]);
  });

  it('find functions in classes, objects and arguments', () => {
    const text = `class Cart { add() {} }\nconst routes = { get: () => 1 };\nrun(() => {\n});\n`;
    expect(parseSource('a.ts', text).functions).toEqual([
      { name: 'Cart.add', lines: 1 },
      { name: 'routes.get', lines: 1 },
      { name: '<anonymous>', lines: 2 },
    ]);
  });

  it.each([
    ['a.ts', 44, []],
    ['a.ts', 45, ['a.ts: price has 45 lines: name its steps']],
    ['a.spec.ts', 200, []],
    ['a.spec.ts', 601, ['a.spec.ts has 601 lines: does it hold two concepts?']],
  ])('are a fault in %s with a function of %i lines: %j', (path, lines, faults) => {
    expect(lengthFaults(parseSource(path, long(lines)))).toEqual(faults);
  });
});

describe('negative control: circles of files', () => {
  const circlesOf = (files: Readonly<Record<string, string>>) =>
    circleFaults(Object.entries(files).map(([path, text]) => parseSource(path, text)));

  it.each([
    ['two that import each other', { 'a.ts': `import './b.ts';`, 'b.ts': `import './a.ts';` }],
    [
      'one way for its type alone',
      { 'a.ts': `import { b } from './b.ts';`, 'b.ts': `import type { A } from './a.ts';` },
    ],
    [
      'by a re-export and a dynamic import',
      { 'a.ts': `export { b } from './b.ts';`, 'b.ts': `const a = await import('./a.ts');` },
    ],
  ])('reported: %s', (_what, files) => {
    expect(circlesOf(files)).toEqual(['a circle of imports: a.ts, b.ts']);
  });

  it('are reported once, however many files lie on them', () => {
    const files = { 'a.ts': `import './b.ts';`, 'b.ts': `import './c.ts';`, 'c.ts': `import './a.ts';` };
    expect(circlesOf(files)).toEqual(['a circle of imports: a.ts, b.ts, c.ts']);
  });

  it('include a file that imports itself', () => {
    expect(circlesOf({ 'a.ts': `import './a.ts';` })).toEqual(['a circle of imports: a.ts']);
  });

  it('are not what two ways to the same file make', () => {
    const files = {
      'a.ts': `import './b.ts'; import './c.ts'; import 'pino';`,
      'b.ts': `import './d.ts';`,
      'c.ts': `import './d.ts';`,
      'd.ts': '',
    };
    expect(circlesOf(files)).toEqual([]);
  });
});
