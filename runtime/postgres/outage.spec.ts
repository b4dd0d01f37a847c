import { describe, expect, it } from '@jest/globals';
import { AppError } from '../errors.ts';
import { isOutage } from './outage.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('an outage', () => {
  it.each([
    withCode('ECONNREFUSED'),
    withCode('57P01'),
    withCode('08006'),
    withCode('53300'),
    withCode('28P01'),
    withCode('40P01'),
    withCode('40001'),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
  ])('is %s', (error) => expect(isOutage(error)).toBe(true));

  it.each([
    withCode('23505'),
    withCode('42P01'),
    withCode('57014'),
    new AppError('ECONNREFUSED', 'x'),
    new TypeError('x'),
    'text',
    undefined,
  ])('is not %s', (error) => expect(isOutage(error)).toBe(false));
});
