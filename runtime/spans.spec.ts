import { describe, expect, it } from '@jest/globals';
import { context } from '@opentelemetry/api';
import { inLateSpan, inSpan, startSpan } from './spans.ts';
import { activeTraceparent, contextOf, inTrace } from './trace.ts';

const came = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
const under = (header: string | undefined) => startSpan('a', { parent: contextOf(header) }).traceparent;

describe('a span that is not recorded', () => {
  it('continues the trace with its flags, with a new id', () => {
    expect(under(came)).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
    expect(under(came)).not.toBe(came);
  });

  it.each([
    undefined,
    '',
    'x',
    `${came}\r\nx: y`,
    came.replace(/^00/, 'ff'),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  ])('begins a trace where none, or none that is valid, came: %j', (header) => {
    expect(under(header)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(under(header)).not.toContain('0af7651916cd43dd8448eb211c80319c');
  });

  it('has one id for all that it causes', () => {
    const span = startSpan('a');
    const read = () => context.with(span.context, activeTraceparent);
    expect([read(), read()]).toEqual([span.traceparent, span.traceparent]);
  });
});

describe('work as a span', () => {
  it('is below the active span, and what it causes is below it', async () => {
    const below = await inTrace(came, () => inSpan('a', {}, async () => activeTraceparent()));
    expect(below).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
    expect(below).not.toBe(came);
    expect(activeTraceparent()).toBeUndefined();
  });

  it('fails as its work does', async () => {
    const failing = inSpan('a', {}, async () => {
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
  });
});

describe('a run of a job', () => {
  it('begins a new trace, also when it was started inside another one', async () => {
    const run = () => inLateSpan('job a', async () => [activeTraceparent(), activeTraceparent()]);
    const [first, again] = await inTrace(came, run);
    expect(first).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(first).not.toContain('0af7651916cd43dd8448eb211c80319c');
    expect(again).toBe(first);
    expect((await run())[0]).not.toBe(first);
  });
});
