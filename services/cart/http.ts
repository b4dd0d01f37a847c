// The cart over HTTP: each signed-in user has exactly one, so the path has no id, and no user can name another one's cart.
// Every change is a PUT or DELETE, which may be sent again as it is: no Idempotency-Key is needed.
import { z } from 'zod';
import { money } from '#contracts/money.ts';
import { productId } from '#contracts/products.ts';
import { AppError } from '#runtime/errors.ts';
import { type Answer, Problem, type Route, route } from '#runtime/http/api.ts';
import {
  type Cart,
  type CartStore,
  type Command,
  LINES_MAX,
  priced,
  QUANTITY_MAX,
  type Refusal,
} from './domain.ts';

const cartAnswer = z.object({
  version: z.int().nonnegative(),
  lines: z.array(
    z.object({
      productId,
      name: z.string(),
      quantity: z.int(),
      unitPrice: money,
      lineTotal: money.optional().describe('missing when it is more than a number holds exactly'),
      isAvailable: z.boolean().describe('false when the product is no longer sold'),
      priceChangedSince: money.optional().describe('the price when it was added, where it is another now'),
    }),
  ),
  totals: z
    .array(money)
    .describe('of the available lines, one for each currency; one that cannot be told exactly is missing'),
  isOrderable: z
    .boolean()
    .describe('true when all lines are available and in one currency, with an exact total'),
});

const REFUSALS: Readonly<Record<Refusal, Problem>> = {
  'unknown-product': new Problem(422, 'unknown-product', 'There is no such product.'),
  'product-not-sold': new Problem(422, 'product-not-sold', 'The product is no longer sold: take it out.'),
  'total-too-large': new Problem(
    422,
    'total-too-large',
    'quantity: the cart would cost more than a number holds exactly: order a part of it first.',
  ),
  'too-many-lines': new Problem(
    422,
    'too-many-lines',
    `A cart holds ${LINES_MAX} products at most: order these first.`,
  ),
};

/** All endpoints of the cart. */
export const cartRoutes = (store: CartStore): Route[] => [showCart(store), setLine(store), emptyCart(store)];

const showCart = (store: CartStore): Route =>
  route(
    {
      method: 'GET',
      url: '/cart',
      access: 'signed-in',
      summary: 'The cart at the prices of now. Its ETag is of the cart alone: prices may change under it.',
      answers: { 200: cartAnswer },
    },
    async ({ caller }) => uncached(await answer(store, await store.load(caller.userId))),
  );

const setLine = (store: CartStore): Route =>
  route(
    {
      method: 'PUT',
      url: '/cart/lines/:productId',
      access: 'signed-in',
      summary: 'Sets how many of a product are in the cart; 0 takes it out.',
      params: z.object({ productId }),
      body: z.object({ quantity: z.int().min(0).max(QUANTITY_MAX) }),
      answers: { 200: cartAnswer },
      ifMatch: 'optional',
      problems: [409, 422],
    },
    async ({ caller, params, body, ifMatch }) => {
      const { productId } = params;
      const product = (await store.products([productId])).get(productId);
      return change(store, caller.userId, { kind: 'set-quantity', productId, ...body, product }, ifMatch);
    },
  );

const emptyCart = (store: CartStore): Route =>
  route(
    {
      method: 'DELETE',
      url: '/cart',
      access: 'signed-in',
      summary: 'Empties the cart.',
      answers: { 200: cartAnswer },
      ifMatch: 'optional',
      problems: [409],
    },
    ({ caller, ifMatch }) => change(store, caller.userId, { kind: 'empty' }, ifMatch),
  );

async function change(
  store: CartStore,
  userId: string,
  command: Command,
  versions: readonly number[] | undefined,
): Promise<Answer> {
  const { decision, state } = await store.handle(userId, command, { versions }).catch((error: unknown) => {
    throw error instanceof AppError && error.code === 'state-contended' ? contended() : error;
  });
  if (decision.kind === 'refused') throw REFUSALS[decision.why];
  return answer(store, state);
}

function contended(): Problem {
  const detail = 'The cart is being changed by other requests at this moment: read it, then try again.';
  return new Problem(409, 'cart-contended', detail, {}, { 'retry-after': '1' });
}

async function answer(store: CartStore, cart: Cart): Promise<Answer> {
  const products = await store.products(cart.lines.map((line) => line.productId));
  return { status: 200, body: priced(cart, products), version: cart.version };
}

/** The ETag guards changes of the cart; a 304 by it would hide a changed price. */
const uncached = (answer: Answer): Answer => ({
  ...answer,
  headers: { 'cache-control': 'no-store' },
});
