import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { type FreshDatabase, freshDatabase } from '../../test/fresh.ts';
import { createLogger } from '../log.ts';
import { inLateSpan, inSpan, recordSpans } from '../spans.ts';
import { activeTraceparent, inTrace, spanContextOf } from '../trace.ts';
import { createPool, inTransaction, type Pool } from './database.ts';

let database: FreshDatabase;
let pool: Pool;
const exporter = new InMemorySpanExporter();

beforeAll(async () => {
  database = await freshDatabase();
  // One connection: who waits for it is called back by who frees it.
  pool = createPool({
    connectionString: database.url,
    applicationName: 'spec',
    log: createLogger('spec', 'silent'),
    connectionsMax: 1,
  });
  await pool.query('CREATE SCHEMA "order"');
  await pool.query('CREATE TABLE "order".outbox (id int, value text)');
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  recordSpans(provider.getTracer('spec'));
});
beforeEach(() => exporter.reset());
afterAll(async () => {
  recordSpans(undefined);
  await pool.end();
  await database.drop();
});

const statements = () => exporter.getFinishedSpans().filter(({ attributes }) => attributes['db.system.name']);
const names = () => statements().map(({ name }) => name);
const header = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;

describe('statements of a recorded trace', () => {
  it('are spans below the work that asks, those of a transaction too', async () => {
    let below = '';
    await inTrace(header('a'), () =>
      inSpan('work', {}, async () => {
        below = spanContextOf(activeTraceparent())!.spanId;
        await pool.query('SELECT 1');
        await inTransaction(pool, (client) =>
          client.query('INSERT INTO "order".outbox (id) VALUES ($1)', [1]),
        );
      }),
    );
    expect(names()).toEqual(['SELECT', 'BEGIN', 'INSERT outbox', 'COMMIT']);
    for (const { parentSpanContext } of statements()) expect(parentSpanContext?.spanId).toBe(below);
  });

  it.each([
    ['SELECT count(*) FROM "order".outbox', 'SELECT outbox'],
    ['SELECT value FROM unnest($1::text[]) AS value', 'SELECT', [['a']]],
    ['UPDATE "order".outbox SET value = $1', 'UPDATE outbox', ['a']],
    ['DELETE FROM "order".outbox WHERE id = $1', 'DELETE outbox', [7]],
    ['INSERT INTO "order".outbox (id) VALUES (2)', 'INSERT outbox'],
  ])('are named by operation and table: %s', async (text, name, values: unknown[] = []) => {
    await inTrace(header('a'), () => pool.query(text, values));
    expect(names()).toEqual([name]);
  });

  it('have neither values nor Postgres’s message, only its code', async () => {
    const ask = () => pool.query('SELECT $1::uuid', ['ada@example.com']);
    await expect(inTrace(header('a'), ask)).rejects.toThrow('ada@');
    expect(statements().map(({ attributes, status, events }) => ({ attributes, status, events }))).toEqual([
      {
        attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT', 'error.type': '22P02' },
        status: { code: 2 },
        events: [],
      },
    ]);
  });

  it('belong each to its own trace, though all wait for one connection', async () => {
    const traces = ['a', 'b', 'c', 'd'];
    await Promise.all(traces.map((one) => inTrace(header(one), () => pool.query('SELECT 1'))));
    expect(statements().map((span) => span.spanContext().traceId)).toEqual(
      traces.map((one) => one.repeat(32)),
    );
  });
});

describe('statements that are no spans', () => {
  it('are the queries outside of a trace, of a trace that is not recorded, and of a job that has caused nothing yet', async () => {
    await pool.query('SELECT 1');
    await inTrace(header('a').replace(/01$/, '00'), () => pool.query('SELECT 1'));
    await inLateSpan('job a', () => pool.query('SELECT 1'));
    expect(exporter.getFinishedSpans()).toEqual([]);
    await inLateSpan('job a', async () => {
      activeTraceparent();
      await pool.query('SELECT 1');
    });
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['SELECT', 'job a']);
  });
});
