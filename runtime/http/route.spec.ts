import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { route } from './api.ts';
import { answerSchema, requestSchema } from './json-schema.ts';

const withBody = (body: z.ZodType) =>
  route(
    { method: 'POST', url: '/x', access: 'anyone', summary: 'X', body, answers: { 204: null } },
    async () => ({ status: 204 }),
  );

describe('a body schema', () => {
  it.each([
    ['a refinement', z.object({ a: z.string() }).refine(() => false), 'refinement'],
    [
      'a refinement deep inside',
      z.object({ a: z.array(z.object({ b: z.string().refine(() => false) })) }),
      'a.items.b',
    ],
    ['a super refinement', z.object({ a: z.string().superRefine(() => {}) }), 'refinement'],
    ['a transformation', z.object({ a: z.string().transform(Number) }), 'pipe'],
    ['a preprocessing', z.object({ a: z.preprocess(String, z.string()) }), 'pipe'],
    ['trim', z.object({ a: z.string().trim().optional() }), 'trim'],
    ['a coercion', z.object({ a: z.coerce.number() }), 'coercion'],
    ['a check of its own', z.object({ a: z.string().check(() => {}) }), 'refinement'],
    ['flags of a regex', z.object({ a: z.string().regex(/a/i) }), 'flags'],
    ['flags of the second regex', z.object({ a: z.string().regex(/^a/).regex(/b$/m) }), 'flags'],
    ['a pattern that cannot be probed', z.object({ a: z.string().regex(/[^]*/i) }), 'any text'],
    [
      'an intersection',
      z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
      'intersection',
    ],
    ['a date', z.object({ a: z.date() }), 'Date'],
  ])('with %s is refused at definition, since it would not hold', (_what, body, reason) => {
    expect(() => withBody(body)).toThrow(reason);
  });

  it.each([
    z.object({ a: z.string().min(1).max(9).regex(/^a/), b: z.int().optional(), c: z.email() }),
    z.object({
      a: z.number().int().gt(1).multipleOf(2),
      b: z
        .string()
        .regex(/^[^\0]*$/u)
        .startsWith('2'),
    }),
    z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]),
    z.record(z.string(), z.int()),
  ])('that only describes is taken', (body) => {
    expect(() => withBody(body)).not.toThrow();
  });

  it('refuses unknown fields at every depth', () => {
    const schema = requestSchema(z.object({ a: z.array(z.object({ b: z.int() })) }));
    expect(JSON.stringify(schema).match(/"additionalProperties":false/g)).toHaveLength(2);
  });
});

describe('an answer schema', () => {
  it('names what is written, and lets a field too many be cut off rather than be an error', () => {
    expect(JSON.stringify(answerSchema(z.object({ a: z.object({ b: z.int() }).nullable() })))).not.toContain(
      'additionalProperties',
    );
  });
});

describe('a route', () => {
  it('whose params do not fit its url is refused', () => {
    const define = (url: string, params: z.ZodObject) => () =>
      route(
        { method: 'GET', url, access: 'anyone', summary: 'X', params, answers: { 204: null } },
        async () => ({
          status: 204,
        }),
      );
    expect(define('/a/:b', z.object({ c: z.string() }))).toThrow('has params b');
    expect(define('/a/:b/:c', z.object({ c: z.string(), b: z.int() }))).not.toThrow();
  });

  it('without an access rule does not compile, nor does a handler that expects more than the rule promises', () => {
    const answer = async () => ({ status: 204 });
    // @ts-expect-error access is missing
    route({ method: 'GET', url: '/a', summary: 'X', answers: { 204: null } }, answer);
    route(
      { method: 'GET', url: '/a', access: 'anyone', summary: 'X', answers: { 204: null } },
      // @ts-expect-error anyone may be nobody, who has no id
      async ({ caller }) => ({ status: 204, body: caller.userId }),
    );
    route(
      { method: 'GET', url: '/a', access: 'owner', summary: 'X', answers: { 204: null } },
      // @ts-expect-error there is no key without isIdempotent
      async ({ caller, idempotencyKey }) => ({ status: 204, body: [caller.userId, idempotencyKey.length] }),
    );
  });
});
