import { beforeAll, describe, expect, it } from '@jest/globals';
import { authorisationCases, OWNER, outcomeOf, type Prepare } from '../../test/authorisation.ts';
import { openForSpec } from '../../test/open-for-spec.ts';
import { admin, openOrderRig } from '../../test/order-rig.ts';
import { orderRoutes } from './http.ts';

/** Only described here; the ones that are asked are the rig's. */
const described = orderRoutes({
  orders: {} as never,
  place: () => Promise.reject(new Error('described only')),
});

describe('an endpoint of orders', () => {
  const rig = openForSpec(openOrderRig);
  beforeAll(() => rig.sell('tea', 450));

  const prepare: Prepare = async ({ method, url }) => {
    if (url.includes(':orderId'))
      return { url: url.replace(':orderId', (await rig.place(OWNER.userId)).body.orderId) };
    if (method === 'GET') return { url };
    return {
      url,
      body: { lines: [{ productId: 'tea', quantity: 1 }], currency: 'EUR', paymentMethod: 'pm_1' },
    };
  };

  it.each(
    authorisationCases(described, {
      'POST /orders': 'signed-in',
      'GET /orders': 'signed-in',
      'GET /orders/:orderId': 'owner',
      'POST /orders/:orderId/cancellation': 'owner',
      'GET /admin/orders': 'admin',
    }),
  )('$name', async (one) => {
    expect(one.expected).toContain(await outcomeOf(rig.server, one, prepare));
  });

  it('lets an admin look at an order of others, and not cancel it', async () => {
    const { orderId } = (await rig.place('ann')).body;
    const look = await rig.server.request('GET', `/orders/${orderId}`, { as: admin });
    const cancel = await rig.cancel('root', orderId);
    expect([look.status, cancel.status]).toEqual([200, 404]);
    expect((await rig.orders.find(orderId))?.status).toBe('placed');
  });
});
