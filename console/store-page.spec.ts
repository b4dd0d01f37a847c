import { describe, expect, it } from '@jest/globals';
import { storePage } from './store-page.ts';
import type { StoreTable } from './stores/store.ts';

const store = { name: 'gcs', title: 'Cloud Storage' };
const table: StoreTable = {
  about: 'A bucket.',
  views: ['one', 'two words'],
  view: 'two words',
  columns: [{ name: 'object' }, { name: 'bytes', isNumber: true }],
  rows: [['<script>alert(1)</script>', '12345678901234567890']],
  next: '25',
};
const page = (change: Partial<StoreTable> = {}) =>
  storePage({ stores: [store], store, table: { ...table, ...change }, query: { limit: 25 } });

describe('storePage', () => {
  it('escapes what a store holds', () => {
    expect(page()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page()).not.toContain('<script');
  });

  it('groups the digits of numbers that no double can hold', () => {
    expect(page().replaceAll('\u202f', ' ')).toContain('>12 345 678 901 234 567 890<');
  });

  it('links the next page of the same view, and the same page as JSON', () => {
    expect(page()).toContain('href="/stores/gcs?view=two+words&amp;limit=25&amp;after=25"');
    expect(page()).toContain('href="/api/stores/gcs?view=two+words&amp;limit=25"');
  });

  it('says that a store is empty', () => {
    expect(page({ rows: [] })).toContain('Nothing is here yet');
  });

  it('says what is wrong instead of a table', () => {
    const problem = { status: 503, code: 'store-away', title: 'It is away', detail: 'Try <again>.' };
    expect(storePage({ stores: [store], store, problem })).toContain('Try &lt;again&gt;.');
  });
});
