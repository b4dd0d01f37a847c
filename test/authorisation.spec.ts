import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Access, Problem, type Route, route } from '#runtime/http/api.ts';
import { authorisationCases, OWNER, outcomeOf, type PreparedRequest } from './authorisation.ts';
import { type SpecServer, serveForSpec } from './serve.ts';

const ok = { 200: z.object({ id: z.string() }) };
const id = z.object({ id: z.string() });

/** Sample routes; `checksOwner: false` forgets to hide what is another's. */
const samples = (access: Access, checksOwner = true): Route[] => [
  route(
    { method: 'GET', url: '/things/:id', access, summary: 'X', params: id, answers: ok },
    async (call) => {
      const { caller, params } = call as unknown as { caller: { userId?: string }; params: { id: string } };
      if (checksOwner && access === 'owner' && caller.userId !== OWNER.userId) {
        throw new Problem(404, 'thing-unknown', 'There is no such thing.');
      }
      return { status: 200, body: params };
    },
  ),
];
const prepare = (): PreparedRequest => ({ url: '/things/1' });

const faultsOf = async (served: Route[], rules?: Record<string, Access>) => {
  const server = await serveForSpec({ routes: served });
  const faults: string[] = [];
  for (const one of authorisationCases(served, rules)) {
    const outcome = await outcomeOf(server, one, prepare);
    if (!one.expected.includes(outcome)) faults.push(`${one.name}, but ${outcome}`);
  }
  await server.close();
  return faults;
};

describe('the access rules hold for every caller', () => {
  const rules: Access[] = ['anyone', 'signed-in', 'owner', 'admin', { service: ['order', 'cart'] }];
  it.each(rules)('of %j', async (access) => {
    expect(await faultsOf(samples(access), { 'GET /things/:id': access })).toEqual([]);
  });
});

describe('negative control: the matrix reports', () => {
  it('a handler that shows what is another’s', async () => {
    expect(await faultsOf(samples('owner', false))).toEqual([
      'GET /things/:id by another customer: hidden, but passes',
    ]);
  });

  it.each([
    ['signed-in', 'admin', ['the owner', 'another customer']],
    ['anyone', 'signed-in', ['nobody', 'another service']],
    [{ service: ['cart'] }, { service: ['order'] }, ['the service order']],
    ['admin', 'signed-in', ['the owner', 'another customer']],
  ] as [Access, Access, string[]][])('a route ruled %j that should be %j', async (served, ruled, callers) => {
    const faults = await faultsOf(samples(served), { 'GET /things/:id': ruled });
    expect(faults.map((fault) => /by (.*?):/.exec(fault)?.[1])).toEqual(callers);
  });

  it('a route without a rule, and a rule without a route', () => {
    expect(() => authorisationCases(samples('owner'), { 'GET /others': 'owner' })).toThrow(
      'GET /things/:id has no rule in the spec; GET /others is ruled and not served',
    );
  });

  it('a prepared request that is not valid', async () => {
    const strict = [
      route(
        { method: 'POST', url: '/things', access: 'anyone', summary: 'X', body: id, answers: ok },
        async ({ body }) => ({ status: 200, body }),
      ),
    ];
    const server = await serveForSpec({ routes: strict });
    expect(
      await outcomeOf(server, authorisationCases(strict)[0]!, () => ({ url: '/things', body: {} })),
    ).toBe('broken: 400');
    await server.close();
  });
});

describe('serving for specs', () => {
  let server: SpecServer;
  const routes = [
    route(
      {
        method: 'GET',
        url: '/wrong',
        access: 'anyone',
        summary: 'X',
        answers: { 200: z.object({ at: z.iso.datetime() }) },
      },
      async () => ({ status: 200, body: { at: 'yesterday' } }),
    ),
  ];
  beforeAll(async () => {
    server = await serveForSpec({ routes });
  });
  afterAll(() => server.close());

  it('fails on an answer that is not as its schema says', async () => {
    await expect(server.request('GET', '/wrong')).rejects.toThrow(
      'GET /wrong answered 200 unlike its schema: at',
    );
  });
});
