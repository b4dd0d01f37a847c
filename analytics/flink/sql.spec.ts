import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { imageProcessed } from '#contracts/images.ts';
import { SIZE_TABLES } from '#contracts/size-labels.ts';
import { type JobSettings, jobArguments, jobStatements, SQL_FILE } from './job.ts';
import { jsonObjects } from './json-shape.ts';
import { imageBytesSql } from './sql.ts';

const SETTINGS: JobSettings = {
  run: {
    runId: 'r-1',
    topic: 'product-images.processed',
    parts: [
      { part: 0, readFrom: 5, countFrom: 9, maxTimeMs: 1_700_000_000_000 },
      { part: 1, readFrom: 0, countFrom: 0, maxTimeMs: null },
    ],
  },
  brokers: 'one:9092,two:9092',
  group: "it's a group",
  databaseUrl: 'postgres://user:p%27w@db:5432/analytics',
  outOfOrderBoundMs: 2_000,
  latenessMs: 1_000,
};
const text = readFileSync(SQL_FILE, 'utf8');
const statements = jobStatements(SETTINGS).join('\n');

describe('image-bytes.sql', () => {
  it('is what the contracts make of it', () => {
    expect({ sql: text, fix: 'npm run flink:sql' }).toEqual({
      sql: imageBytesSql(),
      fix: 'npm run flink:sql',
    });
  });

  it('leaves no placeholder open, and gets no value without a placeholder', () => {
    const asked = new Set([...text.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => name!));
    expect([...jobArguments(SETTINGS).keys()].toSorted()).toEqual([...asked].toSorted());
    expect(statements).not.toContain('${');
    expect(() => jobStatements(SETTINGS, "SET 'a' = '${UNHEARD_OF}'")).toThrow(/UNHEARD_OF/);
  });

  it('holds its texts within their quotes', () => {
    expect(statements).toContain("'it''s a group'");
    expect(statements).toContain("'p''w'");
    expect(statements).not.toContain('p%27w');
  });

  it('begins a partition where the run says, and one that it does not know at its beginning', () => {
    expect(statements).toContain("'partition:0,offset:5;partition:1,offset:0'");
    expect(statements).toContain(
      'record_offset >= (CASE part WHEN 0 THEN CAST(9 AS BIGINT) WHEN 1 THEN CAST(0 AS BIGINT) ELSE 0 END)',
    );
    expect(statements).toContain(
      '(CASE part WHEN 0 THEN CAST(1700000000000 AS BIGINT) ELSE CAST(NULL AS BIGINT) END)',
    );
  });

  it('signs in to Kafka as its arguments say', () => {
    const signing = jobStatements({ ...SETTINGS, kafkaOptions: { 'security.protocol': 'SASL_SSL' } }).join(
      '\n',
    );
    expect(signing).toContain("'properties.security.protocol' = 'SASL_SSL'");
    expect(statements).not.toContain('security.protocol');
  });

  it('knows every label of every size table', () => {
    for (const { rules, beyond } of Object.values(SIZE_TABLES))
      for (const label of [...rules.map((rule) => rule.label), beyond]) expect(text).toContain(`'${label}'`);
  });
});

describe('the shape of an event’s data', () => {
  it('has an expression for each of its objects, with the fields in the order in which Flink writes them', () => {
    expect(jsonObjects(imageProcessed).map(({ path, fields }) => [path, ...fields])).toEqual([
      ['', 'productId', 'sizeTable'],
      ['.rendition', 'bucket', 'bytes', 'format', 'height', 'key', 'width'],
      ['.source', 'bucket', 'key', 'version'],
    ]);
  });

  it.each([
    ['a field that may be missing', z.object({ a: z.string().min(1).optional() })],
    ['a text that may be empty', z.object({ a: z.string() })],
    ['a fraction', z.object({ a: z.number() })],
    ['a list', z.object({ a: z.array(z.string()) })],
    ['a name that cannot stand in a path', z.object({ "a'b": z.string().min(1) })],
    ['no object', z.string()],
  ])('is refused where it has %s, so that no contract is judged by half', (_what, schema) => {
    expect(() => jsonObjects(schema)).toThrow();
  });
});
