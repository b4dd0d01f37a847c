// cdktf hands out placeholders for what only Terraform knows. Code that cuts, raises or calculates with one corrupts it
// without a word, and the rest of it is in the output.
import { describe, expect, it } from '@jest/globals';
import { App, Fn, TerraformOutput, TerraformStack, Token } from 'cdktf';
import { STACKS } from '../../stacks/platform.ts';
import { ENVIRONMENTS } from '../../stacks/settings.ts';
import { platformOf } from './synth.ts';

/** What stays of a placeholder for a text, a list or a map, in any case; and of one for a number, which is below -1e200. */
const REST_OF_TOKEN = /Token\[|[$#]\{Tf|e\+2\d\d/i;

const CASES = ENVIRONMENTS.flatMap((environment) => STACKS.map((stack) => [environment, stack] as const));

describe('the synthesized stacks', () => {
  it.each(CASES)('contain no remains of a token: %s, %s', (environment, stack) => {
    const found = JSON.stringify(platformOf(environment)[stack], undefined, 1)
      .split('\n')
      .filter((line) => REST_OF_TOKEN.test(line));
    expect(found).toEqual([]);
  });
});

describe('negative control: a corrupted token', () => {
  const text = Token.asString(Fn.upper('only Terraform knows'));
  const number = Token.asNumber(Fn.max([1, 2]));
  const synthesized = (value: unknown): string => {
    const output = new TerraformOutput(new TerraformStack(new App(), 'stack'), 'output', { value });
    return JSON.stringify(output.cdktfStack.toTerraform().output);
  };

  it.each([
    ['raised', text.toUpperCase()],
    ['cut', text.slice(0, -1)],
    ['cut to its beginning', text.slice(0, 4)],
    ['split', text.split('.')[0]],
    ['changed inside', text.replace('Tf', 'x')],
    ['multiplied', number * 2],
    ['multiplied and printed', `port ${number * 2}`],
    ['printed behind a hyphen, which its own sign then hides', `port-${number}`],
    ['divided', Math.floor(number / 2)],
  ])('is seen when it was %s', (_how, value) => {
    expect(synthesized(value)).toMatch(REST_OF_TOKEN);
  });

  it('is refused by cdktf itself when it was taken out of a list', () => {
    expect(() => synthesized(Token.asList(Fn.split(',', 'a,b'))[0])).toThrow(/list token/);
  });

  it('CANNOT be noticed when something small was added: it vanishes beside a number that large', () => {
    expect(synthesized(number + 1)).toBe(synthesized(number));
  });

  it.each([text, `${text}/${number}`, number, 1e20, 'role/e+2'])('is not seen in a sound value', (value) => {
    expect(synthesized(value)).not.toMatch(REST_OF_TOKEN);
  });
});
