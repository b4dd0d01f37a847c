import { describe, expect, it } from '@jest/globals';
import { continueTrace, traceIdOf } from './trace.ts';

const came = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

describe('a line of a log', () => {
  it('has the id of the trace that it belongs to, and none where there is no trace', () => {
    expect(traceIdOf(came)).toEqual({ traceId: '0af7651916cd43dd8448eb211c80319c' });
    for (const none of [undefined, '', 'x']) expect(traceIdOf(none)).toEqual({});
  });
});

describe('a trace', () => {
  it('goes on with a span of its own and the flags that came', () => {
    const next = continueTrace(came);
    expect(next).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
    expect(next).not.toBe(came);
  });

  it.each([
    undefined,
    '',
    'x',
    `${came}\r\nx: y`,
    came.replace(/^00/, 'ff'),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  ])('begins anew where none, or none that is valid, came: %j', (header) => {
    expect(continueTrace(header)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(continueTrace(header)).not.toContain('0af7651916cd43dd8448eb211c80319c');
  });
});
