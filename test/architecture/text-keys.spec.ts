import { describe, expect, it } from '@jest/globals';
import { parseSource } from './source-files.ts';
import { textKeyFaults } from './text-keys.ts';

const faults = (text: string, more: Readonly<Record<string, string>> = {}, path = 'services/payment/a.ts') =>
  textKeyFaults([
    parseSource(path, text),
    ...Object.entries(more).map(([name, other]) => parseSource(name, other)),
  ]).length;

describe('a lookup by a text is a fault', () => {
  it.each([
    [
      'in a table',
      'const T: Readonly<Record<string, number>> = { a: 1 }; export const f = (k: string) => T[k];',
    ],
    [
      'in a table, and its member is called',
      'const T: Record<string, () => void> = {}; export const f = (k: string) => T[k]?.();',
    ],
    ['in a parameter', 'export const f = (t: Record<string, number>, k: string) => t[k];'],
    ['by an index signature', 'export function f(t: { [name: string]: number }, k: string) { return t[k]; }'],
    [
      'in an object that may be missing',
      'export const f = (t: Record<string, number> | undefined, k: string) => t![k];',
    ],
    ['that writes', 'const t: Record<string, number> = {}; export const f = (k: string) => { t[k] = 1; };'],
    [
      'by a field of another object',
      'const t: Record<string, number> = {}; export const f = (o: { k: string }) => t[o.k];',
    ],
    [
      'by what a function returns',
      'const t: Record<string, number> = {}; export const f = (k: string) => t[k.slice(1)];',
    ],
    [
      'in what is said to be one',
      'export const f = (o: object, k: string) => (o as Record<string, unknown>)[k];',
    ],
    ['that asks whether it is in', 'export const f = (t: Record<string, number>, k: string) => k in t;'],
    [
      'by a type of its own name',
      'type T = Readonly<Record<string, number>>; export const f = (t: T, k: string) => t[k];',
    ],
    [
      'guarded for another key',
      'export const f = (t: Record<string, number>, k: string, n: string) => Object.hasOwn(t, n) && t[k];',
    ],
  ])('%s', (_case, text) => {
    expect(faults(text)).toBe(1);
  });

  it.each([
    ['of a field', 'export const f = (r: Row, k: string) => r.headers[k];'],
    ['of a field that is taken out', 'export const f = ({ headers }: Row, k: string) => headers[k];'],
    [
      'of a field that is taken out under another name',
      'export const f = ({ headers: h }: Row, k: string) => h[k];',
    ],
    ['of a type', 'export const f = (h: Headers, k: string) => h[k];'],
  ])('%s that another file declares', (_case, text) => {
    const row =
      'export type Headers = Record<string, string>; export interface Row { readonly headers: Record<string, string> }';
    expect(faults(text, { 'runtime/row.ts': row })).toBe(1);
  });
});

describe('a lookup is none', () => {
  it.each([
    ['in a map', 'const T = new Map<string, number>(); export const f = (k: string) => T.get(k);'],
    [
      'by a name that is written out',
      "const T: Record<string, number> = {}; export const f = () => T['a'] ?? T.b;",
    ],
    [
      'by a closed set of keys',
      "const T: Record<'a' | 'b', number> = { a: 1, b: 2 }; export const f = (k: 'a') => T[k];",
    ],
    [
      'that asks first',
      'export const f = (t: Record<string, number>, k: string) => Object.hasOwn(t, k) ? t[k] : 0;',
    ],
    ['in a list', 'export const f = (t: readonly number[], at: number) => t[at];'],
    [
      'in an object without a prototype',
      'const t: Record<string, number> = Object.create(null); export const f = (k: string) => t[k];',
    ],
  ])('%s', (_case, text) => {
    expect(faults(text)).toBe(0);
  });

  it('held against specs and stages, whose keys are their own', () => {
    const text = 'const T: Record<string, number> = {}; export const f = (k: string) => T[k];';
    expect(faults(text, {}, 'services/payment/a.spec.ts')).toBe(0);
    expect(faults(text, {}, 'services/payment/test-stripe.ts')).toBe(0);
    expect(faults(text, {}, 'test/a.ts')).toBe(0);
  });
});
