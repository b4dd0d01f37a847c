import { describe, expect, it } from '@jest/globals';
import { amiTypeOf } from './node-architecture.ts';

describe('amiTypeOf', () => {
  it.each([
    'a1.large',
    't4g.large',
    'm7g.large',
    'c7gn.xlarge',
    'm6gd.large',
    'im4gn.large',
    'x2gd.large',
    'g5g.xlarge',
  ])('takes the Arm image for %s', (type) => expect(amiTypeOf([type])).toBe('AL2023_ARM_64_STANDARD'));

  it.each([
    't3.large',
    'm7i.large',
    'c7a.xlarge',
    'm5dn.large',
    'g5.xlarge',
    'g4dn.xlarge',
    'm7i-flex.large',
  ])('takes the x86 image for %s', (type) => expect(amiTypeOf([type])).toBe('AL2023_x86_64_STANDARD'));

  it('refuses a group of both, naming the odd ones', () => {
    expect(() => amiTypeOf(['m7g.large', 'm7i.large'])).toThrow(/only m7g.large are Graviton/);
  });
});
