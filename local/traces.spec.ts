// The services' own telemetry, sent by the real exporter to the collector of this machine.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inSpan, startSpan, startTelemetry } from '#runtime/telemetry.ts';
import { traceContextOf } from '#runtime/trace.ts';
import type { RunningServer } from './server.ts';
import { CollectedTraces } from './traces/collected.ts';
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
      { kind: 'consumer', parent: parent.traceparent },
      async () => {
        throw new Error('ada@example.com');
      },
    );
    await expect(failing).rejects.toThrow();
    parent.end({ 'http.response.status_code': 201 });
    await stop();

    const { traceId } = traceContextOf(parent.traceparent)!;
    expect(await pageOf('/traces')).toContain(`/traces/${traceId}`);
    const page = await pageOf(`/traces/${traceId}`);
    expect(page).toMatch(/POST \/orders <small>order<\/small>[\s\S]*process stock\.reserved/);
    expect(page).toContain('http.response.status_code=201');
    expect(page).toContain('class="failed"');
    // What the error says may be what somebody wrote.
    expect(page).not.toContain('ada@');
  });

  it('go on with the trace that came, and are not recorded where it is not', async () => {
    const came = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const span = startSpan('a', { parent: came });
    expect(traceContextOf(span.traceparent)).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c' });
    expect(span.traceparent).not.toContain('b7ad6b7169203331');
    const quiet = startSpan('b', { parent: came.replace(/01$/, '00') });
    quiet.end();
    span.end();
    await stop();
    const page = await pageOf('/traces/0af7651916cd43dd8448eb211c80319c');
    expect(page).toContain('>a <small>');
    expect(page).not.toContain('>b <small>');
  });

  it('cost nothing but the context where nobody collects them', async () => {
    await stop();
    const span = startSpan('a');
    span.end();
    expect(traceContextOf(span.traceparent)).toBeDefined();
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

  it('refuses what is no export, and goes on', async () => {
    const { status } = await fetch(new URL('/v1/traces', server.address), {
      method: 'POST',
      body: 'no JSON',
    });
    expect(status).toBe(400);
    expect((await fetch(server.address)).status).toBe(200);
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
