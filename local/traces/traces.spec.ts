// The services' own telemetry, sent by the real exporter to the collector of this machine.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inSpan, startSpan } from '#runtime/spans.ts';
import { startTelemetry } from '#runtime/telemetry.ts';
import { contextOf, spanContextOf } from '#runtime/trace.ts';
import type { RunningServer } from '../server/server.ts';
import { CollectedTraces } from './collected.ts';
import { startTraces } from './traces.ts';

let server: RunningServer;
let stop: () => Promise<void>;
beforeEach(async () => {
  server = await startTraces({ port: 0 });
  stop = startTelemetry('order', server.env.OTEL_EXPORTER_OTLP_ENDPOINT);
});
afterEach(async () => {
  await stop();
  await server.stop();
});
const pageOf = async (path: string): Promise<string> => (await fetch(new URL(path, server.address))).text();

describe('spans', () => {
  it('arrive under their cause, with service, name and outcome', async () => {
    const parent = startSpan('POST /orders', { kind: 'server' });
    const failing = inSpan(
      'process stock.reserved',
      { kind: 'consumer', parent: parent.context },
      async () => {
        throw new Error('ada@example.com');
      },
    );
    await expect(failing).rejects.toThrow();
    parent.end({ 'http.response.status_code': 201 });
    await stop();

    const { traceId } = spanContextOf(parent.traceparent)!;
    expect(await pageOf('/traces')).toContain(`/traces/${traceId}`);
    const page = await pageOf(`/traces/${traceId}`);
    expect(page).toMatch(/POST \/orders <small>order<\/small>[\s\S]*process stock\.reserved/);
    expect(page).toContain('http.response.status_code=201');
    expect(page).toContain('class="failed"');
    // The message of an error may contain a person's input.
    expect(page).not.toContain('ada@');
  });

  it('continue the trace that came, and are not recorded where it is not', async () => {
    const came = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const span = startSpan('a', { parent: contextOf(came) });
    expect(spanContextOf(span.traceparent)).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c' });
    expect(span.traceparent).not.toContain('b7ad6b7169203331');
    const quiet = startSpan('b', { parent: contextOf(came.replace(/01$/, '00')) });
    quiet.end();
    span.end();
    await stop();
    const page = await pageOf('/traces/0af7651916cd43dd8448eb211c80319c');
    expect(page).toContain('>a <small>');
    expect(page).not.toContain('>b <small>');
  });

  it('cost only the context where they are not collected', async () => {
    await stop();
    const span = startSpan('a');
    span.end();
    expect(spanContextOf(span.traceparent)).toBeDefined();
    expect(await pageOf('/traces')).toContain('None yet');
  });
});

describe('the collector', () => {
  it('shows what was sent as text, whatever it is', async () => {
    const id = 'ab'.repeat(16);
    const span = {
      traceId: id,
      spanId: '1'.repeat(16),
      name: '<script>',
      startTimeUnixNano: '1',
      endTimeUnixNano: '2',
    };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    await fetch(new URL('/v1/traces', server.address), { method: 'POST', body });
    expect(await pageOf(`/traces/${id}`)).toContain('&lt;script&gt;');
    expect(await pageOf(`/traces/${id}`)).not.toContain('<script>');
  });

  it('gives a trace to programs as JSON, and 404 for an unknown one', async () => {
    await send([good('1'), good('2', { parentSpanId: '1' })]);
    const ask = (id: string) =>
      fetch(new URL(`/traces/${id}`, server.address), { headers: { accept: 'application/json' } });
    const answer = await ask('cd'.repeat(16));
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toMatchObject({
      traceId: 'cd'.repeat(16),
      spans: [
        { spanId: '1', startMs: 1_000 },
        { parentId: '1', endMs: 2_000 },
      ],
    });
    expect((await ask('ef'.repeat(16))).status).toBe(404);
  });

  it('refuses what is no export, and still works', async () => {
    const { status } = await fetch(new URL('/v1/traces', server.address), {
      method: 'POST',
      body: 'no JSON',
    });
    expect(status).toBe(400);
    expect((await fetch(server.address)).status).toBe(200);
  });

  const good = (spanId: string, over = {}) => ({
    traceId: 'cd'.repeat(16),
    spanId,
    name: `span-${spanId}`,
    startTimeUnixNano: '1000000000',
    endTimeUnixNano: 2_000_000_000,
    ...over,
  });
  const send = async (spans: unknown, scope: object = {}) => {
    const body = JSON.stringify({
      resourceSpans: [null, { resource: 7, scopeSpans: ['x', { spans, ...scope }] }],
    });
    const response = await fetch(new URL('/v1/traces', server.address), { method: 'POST', body });
    return {
      status: response.status,
      body: (await response.json()) as { partialSuccess?: object; message?: string },
    };
  };

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'span'],
    ['no name', good('2', { name: undefined })],
    ['a name that is none', good('2', { name: { a: 1 } })],
    ['no ids', { name: 'a', startTimeUnixNano: 1, endTimeUnixNano: 2 }],
    ['an id that is a number', good('2', { spanId: 7 })],
    ['a time that is none', good('2', { startTimeUnixNano: 'yesterday' })],
    ['a time beyond all calendars', good('2', { endTimeUnixNano: '99999999999999999999' })],
    ['a negative time', good('2', { startTimeUnixNano: -1 })],
  ])('keeps the good spans beside one that is not: %s', async (_what, bad) => {
    const { status, body } = await send([good('1'), bad, good('3')]);
    expect([status, body.partialSuccess]).toEqual([
      200,
      { rejectedSpans: '1', errorMessage: expect.stringMatching(/lack an id, a name or times/) },
    ]);
    const page = await pageOf(`/traces/${'cd'.repeat(16)}`);
    expect(page.match(/span-\d/g)).toEqual(['span-1', 'span-3']);
    expect(await pageOf('/traces')).toContain('2 in 1');
  });

  it('keeps a span whose attributes, parent or status are odd, without these', async () => {
    const odd = {
      attributes: [null, { key: 'a' }, { key: 'b', value: { arrayValue: { values: [] } } }],
      status: 'bad',
      parentSpanId: 3,
    };
    expect(await send([good('1', odd), good('2', { attributes: 'none' })])).toMatchObject({
      status: 200,
      body: {},
    });
    const page = await pageOf(`/traces/${'cd'.repeat(16)}`);
    expect(page.match(/span-\d/g)).toEqual(['span-1', 'span-2']);
    expect(page).toContain('b={&quot;values&quot;:[]}');
  });

  it('shows each span once, though causes lie in a circle and ids stand twice', async () => {
    const spans = Array.from({ length: 200 }, (_, n) =>
      good(`${n % 100}`, { parentSpanId: `${(n + 99) % 100}` }),
    );
    expect((await send(spans)).status).toBe(200);
    const page = await pageOf(`/traces/${'cd'.repeat(16)}`);
    expect(page.match(/span-\d+/g)).toHaveLength(200);
  });

  it.each(['[]', '7', 'null', '"a"', '{"resourceSpans": '])(
    'refuses %s, and says what is needed',
    async (body) => {
      const response = await fetch(new URL('/v1/traces', server.address), { method: 'POST', body });
      expect([response.status, await response.json()]).toEqual([
        400,
        { message: expect.stringMatching(/^The body is n/) },
      ]);
    },
  );

  it('refuses an export in a coding with 415', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const response = await fetch(new URL('/v1/traces', server.address), {
      method: 'POST',
      body: '{}',
      headers,
    });
    expect([response.status, await response.text()]).toEqual([
      415,
      expect.stringContaining('Content-Encoding'),
    ]);
  });

  it('keeps a bounded number of traces, the newest', () => {
    const traces = new CollectedTraces();
    for (let n = 0; n < 1_000; n += 1) {
      const span = { traceId: `t${n}`, spanId: 's', name: 'a', startTimeUnixNano: n, endTimeUnixNano: n };
      traces.add({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    }
    expect(traces.list()).toHaveLength(300);
    expect(traces.list()[0]!.traceId).toBe('t999');
  });
});
