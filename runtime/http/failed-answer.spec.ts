import { describe, expect, it } from '@jest/globals';
import { AppError } from '../errors.ts';
import { loggedError } from '../log.ts';
import { failedAnswer } from './failed-answer.ts';
import { faultsOf } from './faults.ts';
import { Problem } from './problem.ts';

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('what the client reads', () => {
  it('of a problem is its code, its sentence and its extensions, which replace no standard member', () => {
    const problem = new Problem(409, 'price-changed', 'Confirm it.', { totalMinor: 5, status: 200 });
    expect(failedAnswer(problem).body).toEqual({
      type: '/problems/price-changed',
      status: 409,
      title: 'Price changed',
      detail: 'Confirm it.',
      code: 'price-changed',
      totalMinor: 5,
    });
  });

  it.each([
    ['changed-meanwhile', 412, {}],
    ['idempotency-key-reused', 422, {}],
    ['request-in-progress', 409, { 'retry-after': '1' }],
  ])('of the refusal %s of a store is %i, in words for the client', (code, status, headers) => {
    const told = failedAnswer(new AppError(code, 'words for us', { row: 7 }));
    expect(told).toEqual({ status, body: expect.objectContaining({ code, status }), headers });
    expect(JSON.stringify(told)).not.toMatch(/words for us|row/);
  });

  it.each([withCode('ECONNREFUSED'), withCode('57P01'), new Error('Connection terminated unexpectedly')])(
    'of an outage is 503 with Retry-After: %s',
    (error) => {
      expect(failedAnswer(error)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    },
  );

  it.each([withCode('23505'), withCode('42P01'), new AppError('state-odd', 'x'), new TypeError('x'), 'text'])(
    'of a fault of ours is 500 without a word: %s',
    (error) => {
      expect(failedAnswer(error).body).toEqual({
        type: 'about:blank',
        status: 500,
        title: 'Internal Server Error',
      });
    },
  );

  it('has at most 20 faults, each once, with names cut', () => {
    const fault = (name: string) => ({
      keyword: 'additionalProperties',
      instancePath: '/a~1b',
      params: { additionalProperty: name },
    });
    expect(faultsOf(Array.from({ length: 500 }, (_, index) => fault(`f${index}`)))).toHaveLength(20);
    expect(faultsOf([fault('x'), fault('x')])).toEqual([
      { in: 'body', field: 'a/b.x', message: 'is not a field of this request: leave it out' },
    ]);
    expect(faultsOf([fault('x'.repeat(9_000))])[0]?.field).toHaveLength(68);
  });
});

describe('a sentence', () => {
  it('of Fastify reaches the client, one of a library does not', () => {
    const refused = (code: string) => Object.assign(withCode(code, 'abc'), { statusCode: 413 });
    expect(failedAnswer(refused('FST_ERR_CTP_BODY_TOO_LARGE')).body.detail).toBe('abc');
    expect(failedAnswer(refused('E_LIB')).body.detail).toBeUndefined();
  });
});

describe('what the log gets', () => {
  it('of an error of Postgres are names of things, never the values that it quotes', () => {
    const error = Object.assign(new Error('duplicate key'), {
      severity: 'ERROR',
      code: '23505',
      detail: 'Key (email)=(ada@example.org) already exists.',
      constraint: 'user_email_key',
      table: 'account',
      where: 'ada@example.org',
    });
    const wrapped = new AppError('save-failed', 'could not save', { table: 'account' }, error);
    expect(loggedError(wrapped)).toMatchObject({
      code: 'save-failed',
      facts: { table: 'account' },
      cause: { type: 'postgres', code: '23505', constraint: 'user_email_key' },
    });
    expect(JSON.stringify(loggedError(wrapped))).not.toContain('ada@');
  });
});
