// Products with stock, added over HTTP as an admin does, and the accounts of customers.
import { askUntilAnswered } from './http.ts';
import type { Shop } from './shop.ts';

const PRODUCTS = ['Tea tin', 'Bowl', 'Lamp', 'Vase'];
export const PRICE_MINOR = 1_250;

/** Adds products with `pieceCount` pieces each; returns their ids once order and cart know their prices. */
export async function fillShelves(
  shop: Shop,
  pieceCount: number,
  names: readonly string[] = PRODUCTS,
): Promise<string[]> {
  const token = await shop.tokenFor('admin', 'admin');
  const product = shop.address('product');
  const put = { method: 'PUT', token } as const;
  await askUntilAnswered({ ...put, url: `${product}/categories/goods`, body: { name: 'Goods' } });
  const productIds: string[] = [];
  for (const name of names) {
    const body = { name, categoryId: 'goods', price: { amountMinor: PRICE_MINOR, currency: 'EUR' } };
    const key = `product-${name.replaceAll(' ', '-')}`;
    const created = await askUntilAnswered({ method: 'POST', url: `${product}/products`, token, key, body });
    const productId = String(created.body.productId);
    const delivery = { delta: pieceCount, reason: 'delivered' };
    const url = `${product}/products/${productId}/stock`;
    const { status } = await askUntilAnswered({ ...put, url, key: `stock-${productId}`, body: delivery });
    if (status !== 200) throw new Error(`a delivery was refused: ${status}`);
    productIds.push(productId);
  }
  const ids = productIds.map((id) => `'${id}'`).join(', ');
  for (const table of ['"order".product_price', 'cart.product'])
    await shop.until(`SELECT count(*) = ${names.length} AS yes FROM ${table} WHERE product_id IN (${ids})`);
  return productIds;
}

/** Inserts verified accounts. To register them over HTTP would mostly compute password hashes. */
export async function openAccounts(shop: Shop, userIds: readonly string[]): Promise<void> {
  await shop.query(
    `WITH opened AS (
       INSERT INTO users.account (user_id, role, registered_at, verified_at)
       SELECT user_id, 'customer', now(), now() FROM unnest($1::text[]) AS user_id RETURNING user_id)
     INSERT INTO users.personal_data (user_id, email, email_key, locale)
     SELECT user_id, user_id || '@example.com', user_id || '@example.com', 'en' FROM opened`,
    [userIds],
  );
}
