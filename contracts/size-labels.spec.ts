import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currentSizeTable, SIZE_TABLE_VERSION, SIZE_TABLES, sizeLabelOf, sizeTable } from './size-labels.ts';

/** Published tables as they were on the day they were published. An entry is added here, never edited. */
const PUBLISHED: Record<number, string> = {
  1: '{"version":1,"rules":[{"label":"thumbnail","edgePixelsMax":160},{"label":"small","edgePixelsMax":480},{"label":"medium","edgePixelsMax":960},{"label":"large","edgePixelsMax":1920},{"label":"xlarge","edgePixelsMax":3840}],"beyond":"oversize"}',
};
const isFrozen = (version: number, table: unknown): boolean => JSON.stringify(table) === PUBLISHED[version];
const versions = Object.keys(SIZE_TABLES).map(Number);

describe('published size tables', () => {
  it('are all frozen here, and none has disappeared', () => {
    expect(versions).toEqual(Object.keys(PUBLISHED).map(Number));
  });

  it.each(versions)('version %i is what was published', (version) => {
    expect(isFrozen(version, sizeTable(version))).toBe(true);
  });

  it.each([
    ['a bound moves', (text: string) => text.replace('160', '161')],
    ['a label is renamed', (text: string) => text.replace('small', 'tiny')],
    ['the label beyond changes', (text: string) => text.replace('oversize', 'huge')],
    [
      'a rule is added',
      (text: string) => text.replace('"rules":[', '"rules":[{"label":"dot","edgePixelsMax":8},'),
    ],
  ])('an edited table is noticed: %s', (_rule, edit) => {
    expect(isFrozen(1, JSON.parse(edit(JSON.stringify(sizeTable(1)))))).toBe(false);
  });

  it.each(versions)('version %i rises strictly and uses each label once', (version) => {
    const { rules, beyond } = SIZE_TABLES[version]!;
    const edges = rules.map((rule) => rule.edgePixelsMax);
    const labels = [...rules.map((rule) => rule.label), beyond];
    expect(edges).toEqual([...new Set(edges)].toSorted((a, b) => a - b));
    expect(new Set(labels).size).toBe(labels.length);
    expect(SIZE_TABLES[version]!.version).toBe(version);
  });

  it('new events are made under a published version', () => {
    expect(sizeTable(SIZE_TABLE_VERSION)).toBe(currentSizeTable);
  });

  it('a version that was never published is undefined', () => {
    expect(sizeTable(0)).toBeUndefined();
    expect(sizeTable(999)).toBeUndefined();
  });
});

describe('the label of a pixel size (table 1)', () => {
  const table = SIZE_TABLES[1]!;

  it.each([
    [1, 1, 'thumbnail'],
    [160, 160, 'thumbnail'],
    [161, 1, 'small'],
    [1, 161, 'small'],
    [480, 480, 'small'],
    [481, 480, 'medium'],
    [960, 1, 'medium'],
    [961, 1, 'large'],
    [1920, 1080, 'large'],
    [1921, 1080, 'xlarge'],
    [2160, 3840, 'xlarge'],
    [3841, 1, 'oversize'],
    [100_000, 100_000, 'oversize'],
  ])('%i x %i is %s', (width, height, label) => {
    expect(sizeLabelOf(table, width, height)).toBe(label);
  });

  it('does not change when the picture is turned', () => {
    const edge = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(edge, edge, (width, height) => {
        expect(sizeLabelOf(table, width, height)).toBe(sizeLabelOf(table, height, width));
      }),
    );
  });
});
