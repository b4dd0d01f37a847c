import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OrderRig, openOrderRig } from '../../test/order-rig.ts';
import { createPriceList } from './price-list.ts';

describe('the price list', () => {
  let rig: OrderRig;
  beforeAll(async () => {
    rig = await openOrderRig();
  }, 60_000);
  afterAll(() => rig.close(), 60_000);

  const amountOf = async (productId: string) =>
    (await createPriceList(rig.pool).read([productId])).get(productId)?.price.amountMinor;

  it.each([
    ['in order', [1, 2, 3]],
    ['backwards', [3, 2, 1]],
    ['mixed and repeated', [2, 3, 1, 3, 2]],
  ])('keeps the newest version when versions come %s', async (name, versions) => {
    const productId = name.replaceAll(' ', '-');
    for (const version of versions) await rig.sell(productId, version * 100, { version });
    expect(await amountOf(productId)).toBe(300);
  });

  it('keeps the newest version when they come at once', async () => {
    await Promise.all([1, 2, 3, 4, 5].map((version) => rig.sell('race', version * 100, { version })));
    expect(await amountOf('race')).toBe(500);
  });

  it('forgets nothing of a product that is no longer sold, and takes it back', async () => {
    await rig.sell('pot', 100, { version: 1 });
    await rig.sell('pot', 100, { version: 2, isActive: false });
    const list = createPriceList(rig.pool);
    expect((await list.read(['pot', 'none'])).get('pot')).toMatchObject({ isActive: false });
    await rig.sell('pot', 120, { version: 3 });
    expect([...(await list.read(['pot', 'none'])).values()]).toEqual([
      { productId: 'pot', price: { amountMinor: 120, currency: 'EUR' }, isActive: true },
    ]);
  });
});
