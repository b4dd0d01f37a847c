// Every page of the storefront in each of its states that look different, and how a browser gets there: axe judges them, and
// `npm run shots` takes their pictures. A page that is in the storefront and not here does not compile.
import type { Page } from 'playwright-core';
import type { PlatformPages } from '../../services/storefront/pages/platform/props.ts';
import type { Pages } from '../../services/storefront/pages/props.ts';
import type { SellerPages } from '../../services/storefront/pages/seller/props.ts';
import type { Scene, Visitor } from './scene.ts';
import { standInForStripe } from './stripe-stand-in.ts';

/** One state of a page. */
export interface View {
  /** Of its picture. */
  readonly name: string;
  readonly visitor: Visitor;
  readonly open: (page: Page, scene: Scene) => Promise<unknown>;
  /** Words of it that no other state has: by them one knows that the browser is there. */
  readonly shows: string | RegExp;
}

/** Every page; what is named here is a part of one, and is on it. */
type Views = Readonly<Record<Exclude<keyof Pages, 'orderState'>, readonly View[]>>;
type SellerViews = Readonly<Record<Exclude<keyof SellerPages, 'photoState'>, readonly View[]>>;
type PlatformPart =
  | 'platformFault'
  | 'platformTiles'
  | 'platformChart'
  | 'platformWindowTable'
  | 'platformDiagram'
  | 'platformWords'
  | 'platformFlows'
  | 'platformLetters'
  | 'platformVerdicts';
type PlatformViews = Readonly<Record<Exclude<keyof PlatformPages, PlatformPart>, readonly View[]>>;

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

const VIEWS: Views = {
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
    {
      ...view('checkout-card', '/checkout', 'You can enter your card now.', 'customer'),
      open: async (page, { withCards }) => {
        await standInForStripe(page);
        await page.goto(`${withCards}/checkout`);
      },
    },
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

const SHOWN = '/seller/products/olive-tea-tin';
async function saveDescription(page: Page, words: string): Promise<void> {
  await page.getByLabel('Description').fill(words);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
}
const SELLER_VIEWS: SellerViews = {
  sellerProducts: [
    view('seller', '/seller', 'Olive tea tin', 'admin'),
    view('seller-taken-off', '/seller?shelf=off', 'Nothing was taken off', 'admin'),
    view('seller-nothing-found', '/seller?q=nothing-like-that', 'Nothing found', 'admin'),
  ],
  newProduct: [view('seller-new', '/seller/products/new', 'Add a product', 'admin')],
  editProduct: [
    view('seller-product', SHOWN, 'Olive tea tin', 'admin'),
    sent(view('seller-product-refused', SHOWN, '', 'admin'), 'such as 49.00', { Price: 'cheap' }, 'Save'),
    {
      ...view('seller-conflict', SHOWN, 'Somebody else has changed it meanwhile', 'admin'),
      open: async (page) => {
        await page.goto(SHOWN);
        const other = await page.context().newPage();
        await other.goto(SHOWN);
        await saveDescription(other, 'Theirs.');
        await other.getByText('Your changes are saved.').waitFor();
        await other.close();
        await saveDescription(page, 'Mine.');
      },
    },
  ],
  stock: [view('seller-stock', `${SHOWN}/stock`, 'Olive tea tin', 'admin')],
  photos: [view('seller-photos', `${SHOWN}/photos`, 'Olive tea tin', 'admin')],
  sellerCategories: [view('seller-categories', '/seller/categories', 'Categories', 'admin')],
};

/** They need the whole platform: their own specs have axe judge them (`platform`, `repair` and `faults`). */
const PLATFORM_VIEWS: PlatformViews = {
  platformOverview: [view('platform', '/platform', 'Platform')],
  platformWindows: [view('platform-windows', '/platform/windows', 'Windows')],
  platformStore: [
    view('platform-store-cloud-sql', '/platform/stores/cloud-sql', 'Cloud SQL'),
    view('platform-store-firestore', '/platform/stores/firestore', 'Firestore'),
  ],
  platformOrders: [view('platform-orders', '/platform/orders', 'Orders')],
  platformJourney: [
    view('platform-journey', ({ orders }) => `/platform${orders.confirmed}`, /^Order [\w-]{8}/),
    view('platform-journey-declined', ({ orders }) => `/platform${orders.declined}`, /^Order [\w-]{8}/),
  ],
  platformDeadLetters: [view('platform-dead-letters', '/platform/dead-letters', 'Dead letters')],
  platformReconciliations: [
    view('platform-reconciliations', '/platform/reconciliations', 'Reconciliations', 'admin'),
  ],
  platformFaults: [
    view('platform-faults', '/platform/faults', 'Faults', 'admin'),
    view('platform-faults-guest', '/platform/faults', 'Faults'),
  ],
};

/** Those that the services of the shop are enough for. */
export const shopViews: readonly View[] = [VIEWS, SELLER_VIEWS].flatMap((views) =>
  Object.values(views).flat(),
);
export const allViews: readonly View[] = [...shopViews, ...Object.values(PLATFORM_VIEWS).flat()];

/** Brings the page of its visitor there, and returns it. */
export async function openView(scene: Scene, { visitor, open, shows }: View): Promise<Page> {
  const page = scene.pages[visitor];
  await open(page, scene);
  await page.locator('main').getByText(shows).first().waitFor();
  return page;
}
