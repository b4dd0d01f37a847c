import { describe, expect, it } from '@jest/globals';
import { awaited, cleared, filled, given, type Origins, renewed } from './secret-values.ts';

const origins: Origins = { KEY: 'generated', KEY_PREVIOUS: 'former', TOKEN: 'given' };
const generate = () => 'new';

describe('the values of a secret', () => {
  it('are generated, or left empty for a person, where there is nothing', () => {
    expect(filled(origins, {}, generate)).toEqual({ KEY: 'new', KEY_PREVIOUS: '', TOKEN: '' });
  });

  it('are not replaced by a second run, and values under unknown names stay', () => {
    const present = { KEY: 'old', KEY_PREVIOUS: 'older', TOKEN: 'given', RETIRED: 'x' };
    expect(filled(origins, present, generate)).toEqual(present);
  });

  it('are renewed beside the ones before, which stay valid', () => {
    const present = { KEY: 'old', KEY_PREVIOUS: '', TOKEN: 't' };
    expect(renewed(origins, present, 'KEY', generate)).toEqual({
      KEY: 'new',
      KEY_PREVIOUS: 'old',
      TOKEN: 't',
    });
  });

  it('are not renewed twice while something may still need the one before', () => {
    const present = { KEY: 'old', KEY_PREVIOUS: 'older', TOKEN: '' };
    expect(() => renewed(origins, present, 'KEY', generate)).toThrow(/KEY_PREVIOUS is still set/);
    const later = cleared(origins, present, 'KEY_PREVIOUS');
    expect(renewed(origins, later, 'KEY', generate)).toMatchObject({ KEY: 'new', KEY_PREVIOUS: 'old' });
  });

  it('are given by people where we make none, and only there', () => {
    const present = { KEY: 'old', KEY_PREVIOUS: '', TOKEN: '' };
    expect(awaited(origins, present)).toEqual(['TOKEN']);
    expect(given(origins, present, 'TOKEN', 'sk')).toEqual({ ...present, TOKEN: 'sk' });
    expect(() => given(origins, present, 'KEY', 'x')).toThrow(/--renew KEY/);
    expect(() => given(origins, present, 'TOKEN', '')).toThrow(/Nothing came/);
    expect(() => renewed(origins, present, 'TOKEN', generate)).toThrow(/--set TOKEN/);
    expect(() => cleared(origins, present, 'KEY')).toThrow(/KEY is in use/);
  });
});
