import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { readOverlay } from '../../local/prometheus/overlay.ts';
import { hurried, hurriedQuery, hurriedRules, replaceDurations } from './hurried-rules.ts';

const { rules } = await readOverlay();

/** The same with each duration hidden: in expressions, `for` and `interval`. */
function masked(files: Readonly<Record<string, string>>): string {
  const hide = (text: string): string => replaceDurations(text, () => '[duration]');
  const groups = Object.entries(files).map(([name, text]) => [name, parse(text)]);
  return JSON.stringify(groups, (key, value) => {
    if (key === 'expr') return hide(value);
    return key === 'for' || key === 'interval' ? '[duration]' : value;
  });
}

describe('hurried rules', () => {
  it('are the overlay’s own, except for their durations', () => {
    const hasty = hurriedRules(rules);
    expect(Object.keys(hasty).length).toBeGreaterThan(5);
    expect(masked(hasty) === masked(rules)).toBe(true);
    expect(hasty).not.toEqual(rules);
  });

  it('are reported when anything else is changed', () => {
    const [name, text] = Object.entries(rules).find(([, one]) => one.includes('> 50 '))!;
    expect(masked({ ...rules, [name]: text.replace('> 50 ', '> 51 ') }) === masked(rules)).toBe(false);
  });

  it.each([
    ['5m', '5000ms'],
    ['3d', '4320000ms'],
    ['1m30s', '1500ms'],
    ['0m', '0ms'],
  ])('take %s for %s', (slow, fast) => {
    expect(hurried(slow)).toBe(fast);
  });

  it('distinguish windows and offsets from numbers and names', () => {
    expect(hurriedQuery('rate(a:rate5m{b="5m"}[5m] offset 1h) > 300')).toBe(
      'rate(a:rate5m{b="5m"}[5000ms] offset 60000ms) > 300',
    );
    expect(() => hurriedQuery('rate(a[5m]')).toThrow('no PromQL');
    expect(() => hurried('soon')).toThrow('no duration: soon');
  });
});
