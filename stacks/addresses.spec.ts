import { describe, expect, it } from '@jest/globals';
import { hostAddress, isPrivateRange, isRange, overlaps, subnet } from './addresses.ts';

describe('two ranges', () => {
  it.each([
    ['10.0.0.0/16', '10.0.255.0/24', true],
    ['10.0.255.0/24', '10.0.0.0/16', true],
    ['10.0.0.0/16', '10.0.0.0/16', true],
    ['10.0.0.0/16', '10.1.0.0/16', false],
    ['10.0.0.0/17', '10.0.128.0/17', false],
    ['0.0.0.0/0', '192.168.1.0/24', true],
  ])('%s and %s: overlap %p', (one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected);
  });
});

describe('a part of a range', () => {
  it.each([
    ['10.0.0.0/16', 20, 0, '10.0.0.0/20'],
    ['10.0.0.0/16', 20, 15, '10.0.240.0/20'],
    ['10.10.0.0/18', 19, 1, '10.10.32.0/19'],
    ['10.0.0.0/16', 16, 0, '10.0.0.0/16'],
  ])('%s in /%i, number %i, is %s', (range, prefixLength, index, expected) => {
    expect(subnet(range, prefixLength, index)).toBe(expected);
  });

  it.each([
    ['10.0.0.0/16', 20, 16],
    ['10.0.0.0/16', 20, -1],
    ['10.0.0.0/16', 15, 1],
  ])('%s in /%i has no number %i', (range, prefixLength, index) => {
    expect(() => subnet(range, prefixLength, index)).toThrow(RangeError);
  });

  it('has addresses, counted from its first', () => {
    expect(hostAddress('10.0.16.0/20', 10)).toBe('10.0.16.10');
    expect(hostAddress('10.0.16.0/20', 256)).toBe('10.0.17.0');
  });
});

it.each([
  ['10.0.0.0/16', true, true],
  ['172.16.0.0/12', true, true],
  ['172.32.0.0/16', true, false],
  ['169.254.10.0/30', true, false],
  ['10.0.0.1/16', false, false],
  ['10.0.0.0', false, false],
  ['10.0.0.0/33', false, false],
  ['ten', false, false],
])('%s: a range %p, a private one %p', (text, range, privateRange) => {
  expect([isRange(text), isPrivateRange(text)]).toEqual([range, privateRange]);
});
