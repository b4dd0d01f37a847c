import { describe, expect, it } from '@jest/globals';
import { continueTrace } from './trace.ts';

const came = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

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
