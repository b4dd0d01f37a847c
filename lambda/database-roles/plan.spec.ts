import { describe, expect, it } from '@jest/globals';
import { SERVICE_DATABASES } from '#contracts/service-databases.ts';
import { type DatabaseFacts, planDatabase } from './plan.ts';

const order = { role: 'order_service', schema: 'order' };
const cart = { role: 'cart_service', schema: 'cart' };
const settled: DatabaseFacts = {
  everybodyMay: [],
  everybodyInPublicMay: [],
  roles: [order, cart].map(({ role }) => ({ role, mayConnect: true, byIam: true })),
  schemas: [order, cart].map(({ role, schema }) => ({ schema, owner: role })),
};
const fresh: DatabaseFacts = {
  everybodyMay: ['CONNECT', 'TEMPORARY'],
  everybodyInPublicMay: ['USAGE'],
  roles: [],
  schemas: [],
};

describe('the plan for the services’ places in a database', () => {
  it('closes a fresh database to everybody, then makes each place, and signs in by IAM last', () => {
    expect(planDatabase([order], fresh)).toEqual({
      steps: [
        { do: 'close-database' },
        { do: 'close-public' },
        { do: 'make-role', role: 'order_service' },
        { do: 'let-in', role: 'order_service' },
        { do: 'make-schema', role: 'order_service', schema: 'order' },
        { do: 'sign-in-by-iam', role: 'order_service' },
      ],
      refusals: [],
    });
  });

  it('has nothing to do where all is there', () => {
    expect(planDatabase([order, cart], settled)).toEqual({ steps: [], refusals: [] });
  });

  it('makes what is missing of a place, and that alone', () => {
    const facts = {
      ...settled,
      roles: [{ role: 'order_service', mayConnect: true, byIam: false }],
      schemas: [{ schema: 'order', owner: 'order_service' }],
    };
    expect(planDatabase([order], facts).steps).toEqual([{ do: 'sign-in-by-iam', role: 'order_service' }]);
  });

  it('asks no role to sign in by IAM where roles sign in by password', () => {
    expect(planDatabase([order], fresh, 'password').steps.map((step) => step.do)).toEqual([
      'close-database',
      'close-public',
      'make-role',
      'let-in',
      'make-schema',
    ]);
  });

  it('takes no schema from its owner', () => {
    const facts = { ...settled, schemas: [{ schema: 'order', owner: 'ada' }] };
    const { steps, refusals } = planDatabase([order], facts);
    expect(steps).toEqual([]);
    expect(refusals).toEqual([
      expect.stringContaining('schema order belongs to ada and not to order_service'),
    ]);
  });

  it('is for every service with state, each with a role and a schema that no other has', () => {
    expect(SERVICE_DATABASES.map(({ schema }) => schema)).toEqual([
      'users',
      'product',
      'cart',
      'order',
      'payment',
      'notification',
    ]);
    for (const name of ['role', 'schema'] as const)
      expect(new Set(SERVICE_DATABASES.map((place) => place[name])).size).toBe(SERVICE_DATABASES.length);
  });
});
