import { describe, expect, it } from '@jest/globals';
import { readMeasured } from '../load/measured.ts';
import { usesOf } from '../load/scaling-page.ts';
import { mebibytesOf, type ProgramSize, sizeOf } from './sizes.ts';

const { idle, load, stress } = readMeasured();
const NAMES = idle.map(({ process }) => process);
/** Memory beside the heap at the end of a bounded one: collecting garbage needs room too. */
const ROOM = 1.1;

/** What of a size does not fit what was measured. */
function sizeFaults(name: string, { memoryRequest, memoryLimit, heapMiB }: ProgramSize): string[] {
  const uses = usesOf([load, stress], name);
  const most = Math.max(...uses.map(({ rssMaxMiB }) => rssMaxMiB));
  // Password hashes need memory in addition to the rest: most samples of a minute show only the rest.
  const usual = uses.map(({ rssP95MiB }) => rssP95MiB).toSorted((one, other) => one - other);
  const [request, limit] = [mebibytesOf(memoryRequest), mebibytesOf(memoryLimit)];
  return [
    request < usual.at(-1)! ? `${name} asks for ${request} MiB and has ${usual.at(-1)}` : '',
    limit < most * ROOM ? `${name} may have ${limit} MiB and had ${most}` : '',
    limit < heapMiB * 1.5 ? `the heap of ${name} takes more than two thirds of its limit` : '',
  ].filter((fault) => fault !== '');
}

describe('the size of a process', () => {
  it.each(NAMES)('fits what was measured: %s', (name) => {
    expect(sizeFaults(name, sizeOf(name))).toEqual([]);
  });

  it('is that of every service and of the worker', () => {
    expect(NAMES.toSorted()).toEqual(
      ['analytics', 'cart', 'notification', 'order', 'payment', 'product', 'user'].toSorted(),
    );
  });
});

describe('negative control: a size is refused that', () => {
  const size = sizeOf('user');

  it('asks for less than it has', () => {
    expect(sizeFaults('user', { ...size, memoryRequest: '128Mi' })).toHaveLength(1);
  });

  it('would be killed', () => {
    expect(sizeFaults('user', { ...size, memoryLimit: '320Mi' })).toHaveLength(1);
  });

  it('lets the heap fill the container', () => {
    expect(sizeFaults('user', { ...size, heapMiB: 512 })).toHaveLength(1);
  });
});
