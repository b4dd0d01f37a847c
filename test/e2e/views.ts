// Every page of the storefront in each of its states that look different, and how a browser gets there: axe judges them, and
// `npm run shots` takes their pictures. A page that is in the storefront and not here does not compile.
import type { Page } from 'playwright-core';
import type { Pages } from '../../services/storefront/pages/props.ts';
import type { Scene, Visitor } from './scene.ts';

/** One state of a page. */
export interface View {
  /** Of its picture. */
  readonly name: string;
  readonly visitor: Visitor;
  readonly open: (page: Page, scene: Scene) => Promise<unknown>;
  /** Words of it that no other state has: by them one knows that the browser is there. */
  readonly shows: string | RegExp;
}

/** By the names of `Pages`. The state of an order is a part of its page. */
type Views = Readonly<Record<Exclude<keyof Pages, 'orderState'>, readonly View[]>>;

type Place = string | ((scene: Scene) => string);

const view = (name: string, place: Place, shows: View['shows'], visitor: Visitor = 'guest'): View => ({
  name,
  visitor,
  shows,
  open: (page, scene) => page.goto(typeof place === 'string' ? place : place(scene)),
});

/** A form of it was sent. */
const sent = (before: View, shows: View['shows'], fields: Record<string, string>, button: string): View => ({
  ...before,
  shows,
  open: async (page, scene) => {
    await before.open(page, scene);
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
    await page.getByRole('button', { name: button, exact: true }).click();
  },
});

const PASSWORD = { 'New password': 'seven quiet lamps' };
/** As a mail's, but of no mail. */
const FRAGMENT = `#token=${'A'.repeat(43)}`;
const FRESH_LINK = { verify: 'Choose a password', reset: 'At least 12 characters' };
const EXPIRED = 'was used, has expired';
const NO_LINK = 'needs the link of our mail';

export const VIEWS: Views = {
  home: [view('home', '/', 'New in the shop')],
  listing: [
    view('products', '/products', 'All products'),
    view('category', '/categories/living', 'Living'),
    view('search', '/search?q=tea', 'Results for “tea”'),
    view('search-nothing-found', '/search?q=nothing-like-that', 'Try another word'),
    view('search-empty', '/search', 'What are you looking for?'),
  ],
  product: [
    view('product', '/products/olive-tea-tin', 'In stock'),
    view('product-sold-out', ({ soldOut }) => soldOut, 'Sold out'),
  ],
  cart: [
    view('cart-empty', '/cart', 'Nothing in it yet'),
    view('cart-guest', '/cart', 'Sign in to order', 'shopper'),
    view('cart', '/cart', 'Check out', 'customer'),
    sent(
      view('cart-added', '/products/olive-tea-tin', '', 'shopper'),
      'It is in your cart.',
      {},
      'Add to cart',
    ),
  ],
  signIn: [
    view('sign-in', '/account/sign-in', 'New here?'),
    sent(
      view('sign-in-refused', '/account/sign-in', ''),
      'do not belong together',
      { 'E-mail': 'nobody@mail.example', Password: 'not the password' },
      'Sign in',
    ),
  ],
  signUp: [view('sign-up', '/account/sign-up', 'its link sets your password')],
  forgotPassword: [view('forgot-password', '/account/forgot-password', 'Forgot your password?')],
  verifyEmail: [
    view('verify-email', `/account/verify-email${FRAGMENT}`, FRESH_LINK.verify),
    view('verify-email-without-link', '/account/verify-email', NO_LINK),
    sent(view('verify-email-expired', `/account/verify-email${FRAGMENT}`, ''), EXPIRED, PASSWORD, 'Confirm'),
  ],
  resetPassword: [
    view('reset-password', `/account/reset-password${FRAGMENT}`, FRESH_LINK.reset),
    sent(
      view('reset-password-expired', `/account/reset-password${FRAGMENT}`, ''),
      EXPIRED,
      PASSWORD,
      'Set password',
    ),
    sent(
      view('reset-password-refused', ({ resetLink }) => resetLink, ''),
      'Many people use this password',
      { 'New password': 'password1234' },
      'Set password',
    ),
  ],
  checkMail: [view('check-mail', '/account/check-mail', 'works for 30 minutes')],
  account: [view('account', '/account', 'Hello, Ann', 'customer')],
  checkout: [
    view('checkout', '/checkout', 'What you order', 'customer'),
    view('checkout-sold-out', '/checkout', 'Sold out by now', 'latecomer'),
    view('checkout-nothing', '/checkout', 'Nothing to order', 'newcomer'),
  ],
  checkoutUnsure: [
    sent(
      view('checkout-unsure', ({ troubled }) => `${troubled.withoutOrders}/checkout`, '', 'customer'),
      'We do not know yet',
      {},
      'Place the order',
    ),
  ],
  order: [
    view('order-confirmed', ({ orders }) => orders.confirmed, 'Your order is confirmed', 'customer'),
    view('order-declined', ({ orders }) => orders.declined, 'Your bank declined', 'customer'),
    view('order-waiting', ({ orders }) => orders.waiting, 'Waiting for the payment', 'customer'),
  ],
  orders: [
    view('orders', '/orders', 'Your orders', 'customer'),
    view('orders-none', '/orders', 'No orders yet', 'newcomer'),
  ],
  failure: [
    view('not-found', '/nowhere', 'Not found'),
    view('service-away', ({ troubled }) => troubled.withoutProducts, 'One moment, please'),
    {
      ...view('too-many-requests', ({ troubled }) => troubled.hurried, 'A little slower, please'),
      open: async (page, { troubled }) => {
        await page.goto(troubled.hurried);
        await page.goto(troubled.hurried);
      },
    },
  ],
};

/** All of them, in one row. */
export const allViews: readonly View[] = Object.values(VIEWS).flat();

/** Brings the page of its visitor there, and returns it. */
export async function openView(scene: Scene, { visitor, open, shows }: View): Promise<Page> {
  const page = scene.pages[visitor];
  await open(page, scene);
  await page.locator('main').getByText(shows).first().waitFor();
  return page;
}
