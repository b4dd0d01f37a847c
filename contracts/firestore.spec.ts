import { describe, expect, it } from '@jest/globals';
import { readRepositoryFile, repositoryPaths } from '../test/architecture/source-files.ts';
import {
  compositeIndexes,
  DOCUMENT_ID,
  FIRESTORE_QUERIES,
  type FirestoreQuery,
  type OrderedField,
} from './firestore.ts';

const ask = (equals: string[], ...orderBy: string[]): FirestoreQuery => ({
  name: 'query',
  collection: 'things',
  equals,
  orderBy: orderBy.map((text): OrderedField => {
    const [field = '', direction] = text.split(' ');
    return { field, direction: direction === 'desc' ? 'desc' : 'asc' };
  }),
});
const fieldsOf = (...queries: FirestoreQuery[]): string[][] =>
  compositeIndexes(queries).map(({ fields }) =>
    fields.map(({ field, direction }) => `${field} ${direction}`),
  );

describe('composite indexes', () => {
  it.each([
    ['one field is equal', ask(['kind'])],
    ['several fields are equal: single-field indexes are merged', ask(['kind', 'sizeLabel'])],
    ['the order is one field', ask([], 'windowStart desc')],
    ['the order is the document id', ask([], DOCUMENT_ID)],
    ['a field is equal and the order is the document id', ask(['kind'], DOCUMENT_ID)],
    ['the order is the equal field itself', ask(['kind'], 'kind desc')],
    [
      'the document id ends the order of one field in its direction',
      ask([], 'at desc', `${DOCUMENT_ID} desc`),
    ],
  ])('are none where %s', (_case, query) => {
    expect(fieldsOf(query)).toEqual([]);
  });

  it.each([
    ['a field is equal and another sorts', ask(['kind'], 'at desc'), ['kind asc', 'at desc']],
    ['two fields sort', ask([], 'label', 'at desc'), ['label asc', 'at desc']],
    ['the document id turns against the order', ask([], 'at desc', DOCUMENT_ID), ['at desc', '__name__ asc']],
    ['the document id sorts backwards', ask(['kind'], `${DOCUMENT_ID} desc`), ['kind asc', '__name__ desc']],
    ['an equal field sorts before another', ask(['kind'], 'kind', 'at'), ['kind asc', 'at asc']],
    [
      'the document id ends an order as it would anyway',
      ask(['kind'], 'at desc', `${DOCUMENT_ID} desc`),
      ['kind asc', 'at desc'],
    ],
  ])('are one where %s', (_case, query, fields) => {
    expect(fieldsOf(query)).toEqual([fields]);
  });

  it('are shared by queries that differ in the order of their equal fields only', () => {
    expect(fieldsOf(ask(['a', 'b'], 'at'), ask(['b', 'a'], 'at'))).toEqual([['a asc', 'b asc', 'at asc']]);
  });

  it('are not shared between directions: Firestore reads an index one way', () => {
    expect(fieldsOf(ask(['a'], 'at'), ask(['a'], 'at desc'))).toHaveLength(2);
  });

  it('are not shared between collections', () => {
    const query = ask(['a'], 'at');
    expect(compositeIndexes([query, { ...query, collection: 'others' }])).toHaveLength(2);
  });

  it('refuse what no index can serve', () => {
    expect(() => fieldsOf(ask([], `${DOCUMENT_ID} desc`))).toThrow('descending document id');
  });
});

describe('the queries of this repository', () => {
  it('have distinct names', () => {
    const names = FIRESTORE_QUERIES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('need an index of each collection for each declared order', () => {
    expect(fieldsOf(...FIRESTORE_QUERIES)).toEqual([
      ['sizeLabel asc', 'windowStart desc'],
      ['userId asc', 'occurredAt desc'],
      ['kind asc', 'occurredAt desc'],
    ]);
  });

  it('are all that the code asks: no file that uses Firestore names the field of a query itself', () => {
    const users = repositoryPaths('{analytics,lambda,local,runtime,services}/**/*.ts')
      .filter((path) => !path.endsWith('.spec.ts'))
      .map((path) => ({ path, text: readRepositoryFile(path) }))
      .filter(({ text }) => text.includes("'@google-cloud/firestore'"));
    expect(users.length).toBeGreaterThan(2);
    expect(users.filter(({ text }) => ownQueries(text).length > 0).map(({ path }) => path)).toEqual([]);
    expect(ownQueries("things.where('kind', '==', kind).orderBy(`at`)")).toHaveLength(2);
    expect(ownQueries('things.where(kind, "==", 1).orderBy(FieldPath.documentId())')).toEqual([]);
  });
});

const ownQueries = (text: string): string[] => text.match(/\.(where|orderBy)\(\s*['"`]/g) ?? [];
