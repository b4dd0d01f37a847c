import { describe, expect, it } from '@jest/globals';
import { oversizesOf, ratchetFaults, tighten } from './size-ratchet.ts';
import { parseSource } from './source-files.ts';

describe('negative control: the size ratchet', () => {
  const long = (lines: number) => `export function price() {\n${'  step();\n'.repeat(lines - 2)}}\n`;

  it('measures a file and a function by their lines, comments and umlauts before them included', () => {
    const file = parseSource('a.ts', `// Größe\n\n${long(45)}`);
    expect(file.lines).toBe(47);
    expect(file.functions).toEqual([{ name: 'price', lines: 45 }]);
  });

  it('finds functions in classes, objects and arguments', () => {
    const text = `class Cart { add() {} }\nconst routes = { get: () => 1 };\nrun(() => {\n});\n`;
    expect(parseSource('a.ts', text).functions).toEqual([
      { name: 'Cart.add', lines: 1 },
      { name: 'routes.get', lines: 1 },
      { name: '<anonymous>', lines: 2 },
    ]);
  });

  it('reports what is over the limit and not written down', () => {
    const now = oversizesOf([
      parseSource('a.ts', long(400)),
      parseSource('b.ts', long(40)),
      parseSource('a.spec.ts', long(200)),
    ]);
    expect(now).toEqual({ 'a.ts': 400, 'a.ts#price': 400 });
    expect(ratchetFaults(now, {})).toHaveLength(2);
    expect(ratchetFaults(now, now)).toEqual([]);
  });

  it.each([
    ['what grew', { 'a.ts': 201 }, { 'a.ts': 200 }, 'may only shrink'],
    [
      'what shrank and is not written down',
      { 'a.ts': 199 },
      { 'a.ts': 200 },
      'npm run ratchet writes it down',
    ],
    ['a stale entry', {}, { 'a.ts': 200 }, 'npm run ratchet removes its entry'],
  ])('reports %s', (_rule, now, recorded, fault) => {
    expect(ratchetFaults(now as Record<string, number>, recorded)).toEqual([expect.stringContaining(fault)]);
  });

  it('is tightened downwards and never up', () => {
    expect(tighten({ a: 5, b: 9, new: 7 }, { a: 6, b: 8, gone: 9 })).toEqual({ a: 5, b: 8 });
  });
});
