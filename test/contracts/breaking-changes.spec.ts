import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type BreakingChange, breakingChanges } from './breaking-changes.ts';
import { decisionFault, jsonSchemaOf, schemaFault } from './golden-schemas.ts';

const published = {
  id: z.string(),
  bytes: z.int().nonnegative().max(1_000),
  ratio: z.number(),
  reason: z.enum(['empty', 'broken']),
  place: z.object({ key: z.string().min(1) }),
  tags: z.array(z.string()).max(3),
  note: z.string().optional(),
  size: z.union([z.string(), z.object({ pixels: z.int() })]),
};
const schemaOf = (shape: z.ZodRawShape) => jsonSchemaOf({ type: 'shop.sample.v1', schema: z.object(shape) });
const changesTo = (shape: z.ZodRawShape): BreakingChange[] =>
  breakingChanges(schemaOf(published), schemaOf(shape));
const { note: _note, ...withoutNote } = published;
const { id: _id, ...withoutId } = published;

describe('a breaking change is reported', () => {
  it.each<[string, z.ZodRawShape, string, BreakingChange['breaks']]>([
    ['a required field is removed', withoutId, '/id', 'old readers'],
    ['an optional field is removed', withoutNote, '/note', 'old readers'],
    ['a field is newly required of old events', { ...published, sku: z.string() }, '/sku', 'old events'],
    ['an optional field becomes required', { ...published, note: z.string() }, '/note', 'old events'],
    ['a required field becomes optional', { ...published, id: z.string().optional() }, '/id', 'old readers'],
    ['a type is narrowed', { ...published, ratio: z.int() }, '/ratio', 'both'],
    ['a type is replaced', { ...published, id: z.number() }, '/id', 'both'],
    ['a type admits null', { ...published, id: z.string().nullable() }, '/id', 'both'],
    ['a pattern is demanded', { ...published, id: z.string().regex(/^a/) }, '/id', 'old events'],
    ['a format is given up', { ...published, id: z.iso.datetime() }, '/id', 'old events'],
    ['an enum value is removed', { ...published, reason: z.enum(['empty']) }, '/reason', 'old events'],
    [
      'an enum value is added',
      { ...published, reason: z.enum(['empty', 'broken', 'huge']) },
      '/reason',
      'old readers',
    ],
    ['a text becomes an enum', { ...published, id: z.enum(['a']) }, '/id', 'old events'],
    ['an enum becomes a text', { ...published, reason: z.string() }, '/reason', 'old readers'],
    ['an upper bound falls', { ...published, bytes: z.int().nonnegative().max(10) }, '/bytes', 'old events'],
    [
      'an upper bound rises',
      { ...published, bytes: z.int().nonnegative().max(9_999) },
      '/bytes',
      'old readers',
    ],
    [
      'a lower bound rises',
      { ...published, bytes: z.int().positive().min(1).max(1_000) },
      '/bytes',
      'old events',
    ],
    [
      'a nested length rises',
      { ...published, place: z.object({ key: z.string().min(2) }) },
      '/place/key',
      'old events',
    ],
    [
      'a list admits more entries',
      { ...published, tags: z.array(z.string()).max(4) },
      '/tags',
      'old readers',
    ],
    ['entries of a list change', { ...published, tags: z.array(z.number()).max(3) }, '/tags/items', 'both'],
    ['an alternative is removed', { ...published, size: z.union([z.string()]) }, '/size', 'both'],
    [
      'an alternative changes',
      { ...published, size: z.union([z.string(), z.object({ pixels: z.number() })]) },
      '/size/anyOf/1/pixels',
      'both',
    ],
    [
      'an object is closed to unknown fields',
      { ...published, place: z.strictObject({ key: z.string().min(1) }) },
      '/place/additionalProperties',
      'old events',
    ],
  ])('when %s', (_rule, shape, path, breaks) => {
    const found = changesTo(shape);
    expect(found.map((one) => one.path)).toContain(path);
    expect(found.filter((one) => one.path === path).map((one) => one.breaks)).toContain(breaks);
  });

  it('when a field is renamed: one is missing and one is newly required', () => {
    const paths = changesTo({ ...withoutId, identifier: z.string() }).map(({ path }) => path);
    expect(paths.toSorted()).toEqual(['/id', '/identifier']);
  });

  it('when a closed object gets a field that its readers refuse', () => {
    const closed = (shape: z.ZodRawShape) =>
      jsonSchemaOf({ type: 'shop.sample.v1', schema: z.strictObject(shape) });
    const found = breakingChanges(
      closed({ a: z.string() }),
      closed({ a: z.string(), b: z.string().optional() }),
    );
    expect(found).toEqual([{ path: '/b', what: 'field added to a closed object', breaks: 'old readers' }]);
  });
});

describe('a compatible change passes', () => {
  it.each<[string, z.ZodRawShape]>([
    ['nothing changes', published],
    ['fields change their order', Object.fromEntries(Object.entries(published).toReversed())],
    ['an optional field is added', { ...published, alt: z.string().optional() }],
    [
      'an optional field is added deep inside',
      {
        ...published,
        place: z.object({ key: z.string().min(1), region: z.string().optional() }),
      },
    ],
    ['a field is described', { ...published, id: z.string().describe('of the order') }],
  ])('when %s', (_rule, shape) => {
    expect(changesTo(shape)).toEqual([]);
  });
});

describe('the message of a breaking change', () => {
  const golden = schemaOf(published);

  it('names the next major version when the change breaks', () => {
    const fault = schemaFault('shop.sample.v1', golden, schemaOf(withoutId));
    expect(fault).toContain('make a new major version shop.sample.v2');
    expect(fault).toContain('/id: field removed or renamed');
  });

  it('asks for the record of a change that breaks nothing', () => {
    const changed = schemaOf({ ...published, alt: z.string().optional() });
    expect(schemaFault('shop.sample.v1', golden, changed)).toContain('record it: npm run schemas');
  });

  it('asks for the record of an event that has none', () => {
    expect(schemaFault('shop.sample.v1', undefined, golden)).toContain('no golden schema');
  });

  it('says nothing of a schema that equals its golden', () => {
    expect(schemaFault('shop.sample.v1', golden, schemaOf(published))).toBeUndefined();
  });
});

describe('a decision to break', () => {
  const text = 'A change of `shop.sample.v1` and `shop.other.v1`.';
  const path = 'docs/adr/0017-some-decision.md';
  it('stands in docs/adr/ and names every event type that it breaks', () => {
    expect(decisionFault(path, text, ['shop.sample.v1', 'shop.other.v1'])).toBeUndefined();
  });

  it.each([
    ['in another place', 'notes/0017-some-decision.md', ['shop.sample.v1']],
    ['above the folder', 'docs/adr/../0017-some-decision.md', ['shop.sample.v1']],
    ['that does not name one of them', path, ['shop.sample.v1', 'shop.third.v1']],
    ['that names only the beginning of one', path, ['shop.sample.v']],
  ])('%s is none', (_case, where, types) => {
    expect(decisionFault(where, text, types)).toMatch(/^--because: /);
  });
});
