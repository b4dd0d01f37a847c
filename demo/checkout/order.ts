// A product into the cart, the cart into an order, and the wait for how it ends.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { moneyText } from '#contracts/money.ts';
import { AppError } from '#runtime/errors.ts';
import type { Customer } from './account.ts';
import type { DemoConfig } from './config.ts';
import { ask } from './http.ts';

interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly total: { readonly amountMinor: number; readonly currency: string };
}
interface Cart {
  readonly lines: readonly { readonly productId: string; readonly quantity: number; readonly name: string }[];
  readonly totals: readonly { readonly amountMinor: number; readonly currency: string }[];
}

const END_WAIT_MS_MAX = 60_000;

export async function checkOut(
  config: DemoConfig,
  { accessToken }: Customer,
  paymentMethod: string,
  trace: string,
  say: (line: string) => void,
): Promise<Order> {
  const headers = {
    authorization: `Bearer ${accessToken}`,
    traceparent: `00-${trace}-${randomUUID().replaceAll('-', '').slice(0, 16)}-01`,
  };
  const productId = await someProduct(config);
  await ask(`${config.CART_SERVICE_URL}/cart/lines/${productId}`, {
    method: 'PUT',
    body: { quantity: 2 },
    headers,
  });
  const cart = await ask<Cart>(`${config.CART_SERVICE_URL}/cart`, { headers });
  const [total] = cart.totals;
  say(`  put 2 x ${cart.lines[0]?.name} into the cart: ${moneyText(total!, 'en')}`);
  const placed = await ask<Order>(`${config.ORDER_SERVICE_URL}/orders`, {
    method: 'POST',
    headers: { ...headers, 'idempotency-key': randomUUID() },
    body: {
      lines: cart.lines.map(({ productId: id, quantity }) => ({ productId: id, quantity })),
      currency: total!.currency,
      expectedTotalMinor: total!.amountMinor,
      paymentMethod,
    },
  });
  say(
    `  placed order ${placed.orderId} over ${moneyText(placed.total, 'en')}, to be paid by ${paymentMethod}`,
  );
  // Reading the order later is not part of its trace.
  const { authorization } = headers;
  const ended = await endOf(`${config.ORDER_SERVICE_URL}/orders/${placed.orderId}`, { authorization });
  say(`  the order is ${ended.status}`);
  return ended;
}

async function someProduct({ PRODUCT_SERVICE_URL }: DemoConfig): Promise<string> {
  const { items } = await ask<{ items: { productId: string; availableCount: number }[] }>(
    `${PRODUCT_SERVICE_URL}/products?limit=100`,
  );
  const product = items.find(({ availableCount }) => availableCount >= 2);
  if (!product)
    throw new AppError('sold-out', 'nothing is left to buy: npm start -- --fresh fills the shelves');
  return product.productId;
}

async function endOf(url: string, headers: Readonly<Record<string, string>>): Promise<Order> {
  const deadline = Date.now() + END_WAIT_MS_MAX;
  for (;;) {
    const order = await ask<Order>(url, { headers });
    if (order.status === 'confirmed' || order.status === 'cancelled' || Date.now() > deadline) return order;
    await sleep(200);
  }
}
