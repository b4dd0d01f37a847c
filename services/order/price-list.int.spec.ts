import { describe, expect, it } from '@jest/globals';
import { openForSpec } from '../../test/open-for-spec.ts';
import { openOrderRig } from '../../test/order-rig.ts';
import { createPriceList } from './price-list.ts';

describe('the price list', () => {
  const rig = openForSpec(openOrderRig);

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

  it.each<[string, { version: number; price?: number; isActive?: boolean }, string]>([
    [
      'a version that nothing could overtake',
      { version: Number.MAX_SAFE_INTEGER, price: 0 },
      'product-version-jumps',
    ],
    ['a version far ahead', { version: 1_003, price: 450 }, 'product-version-jumps'],
    [
      'another price under the version that is known',
      { version: 2, price: 0 },
      'product-version-contradicts',
    ],
    [
      'the end of a product under the version that is known',
      { version: 2, isActive: false },
      'product-version-contradicts',
    ],
    ['a price beyond what a line can cost', { version: 3, price: 2 ** 52 }, 'product-price-too-large'],
  ])('refuses %s, and takes true ones after it', async (name, { price = 450, ...forged }, code) => {
    const productId = name.replaceAll(' ', '-');
    for (const version of [1, 2]) await rig.sell(productId, 450, { version });
    await expect(rig.sell(productId, price, forged)).rejects.toMatchObject({ name: 'RefusedEvent', code });
    expect((await createPriceList(rig.pool).read([productId])).get(productId)).toMatchObject({
      price: { amountMinor: 450 },
      isActive: true,
    });
    await rig.sell(productId, 500, { version: 3 });
    expect(await amountOf(productId)).toBe(500);
  });

  it('takes a product after a week of missed versions, and one whose first version it never got', async () => {
    await rig.sell('away', 100, { version: 1 });
    await rig.sell('away', 200, { version: 1_001 });
    await rig.sell('late', 300, { version: 40_000 });
    expect([await amountOf('away'), await amountOf('late')]).toEqual([200, 300]);
  });

  it('forgets nothing of a product that is no longer sold, and takes it back', async () => {
    await rig.sell('pot', 100, { version: 1 });
    await rig.sell('pot', 100, { version: 2, isActive: false });
    const list = createPriceList(rig.pool);
    expect((await list.read(['pot', 'none'])).get('pot')).toMatchObject({ isActive: false });
    await rig.sell('pot', 120, { version: 3 });
    expect([...(await list.read(['pot', 'none'])).values()]).toEqual([
      { productId: 'pot', version: 3, price: { amountMinor: 120, currency: 'EUR' }, isActive: true },
    ]);
  });
});
