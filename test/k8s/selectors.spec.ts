import { describe, expect, it } from '@jest/globals';
import { selects } from './selectors.ts';

const labels = { app: 'cart', tier: 'shop' };

describe('a selector', () => {
  it('means everything when it is empty', () => {
    expect(selects({}, labels)).toBe(true);
    expect(selects(undefined, {})).toBe(true);
  });

  it('means what has all of its labels', () => {
    expect(selects({ matchLabels: { app: 'cart' } }, labels)).toBe(true);
    expect(selects({ matchLabels: { app: 'cart', tier: 'data' } }, labels)).toBe(false);
    expect(selects({ matchLabels: { constructor: 'x' } }, labels)).toBe(false);
  });

  it.each([
    ['In', ['cart', 'order'], true],
    ['In', ['order'], false],
    ['NotIn', ['order'], true],
    ['NotIn', ['cart'], false],
    ['Exists', [], true],
    ['DoesNotExist', [], false],
  ])('understands %s %j', (operator, values, isMeant) => {
    expect(selects({ matchExpressions: [{ key: 'app', operator, values }] }, labels)).toBe(isMeant);
  });

  it('takes a label that is missing as Kubernetes does', () => {
    const of = (operator: string) =>
      selects({ matchExpressions: [{ key: 'x', operator, values: ['y'] }] }, labels);
    expect([of('In'), of('NotIn'), of('Exists'), of('DoesNotExist')]).toEqual([false, true, false, true]);
  });

  it('is refused with an unknown operator', () => {
    expect(() => selects({ matchExpressions: [{ key: 'app', operator: 'Like' }] }, labels)).toThrow(/Like/);
  });
});
