// All forgeries: of products, photos and users here, of orders and payments in files beside this one.
import { randomUUID } from 'node:crypto';
import { productChanged, userChallengeIssued, userRegistered } from '#contracts/shop-topics.ts';
import { productImagesProcessed, productImagesRejected } from '#contracts/topics.ts';
import { FORGED_ORDERS } from './forged-orders.ts';
import { FORGED_PAYMENTS } from './forged-payments.ts';
import { type Expected, eur, type Forgery, forgery, never, TAKEN, type Victims } from './forgery.ts';
import { PHOTO_AGE_MS, photoOf, rejectionOf } from './photos.ts';

const DAY_MS = 86_400_000;

const firstVersion = ({ product }: Victims) => {
  const { productId, priceMinor } = product();
  return { productId, name: 'Lamp', price: eur(priceMinor), isActive: true, version: 1 };
};
const byBoth = (reason: string): Expected => ({ outcomes: { order: reason, cart: reason } });

const OF_PRODUCTS: readonly Forgery[] = [
  forgery(
    productChanged,
    'of a version far too high',
    (victims) => ({ ...firstVersion(victims), price: eur(0), version: Number.MAX_SAFE_INTEGER }),
    byBoth('product-version-jumps'),
  ),
  forgery(
    productChanged,
    'at a price without an exact total',
    (victims) => ({ ...firstVersion(victims), price: eur(Number.MAX_SAFE_INTEGER), version: 2 }),
    byBoth('product-price-too-large'),
  ),
  forgery(
    productChanged,
    'of the known version, with price 0',
    (victims) => ({ ...firstVersion(victims), price: eur(0) }),
    byBoth('product-version-contradicts'),
  ),
  forgery(
    productChanged,
    'of the next version, with price 0',
    (victims) => ({ ...firstVersion(victims), price: eur(0), version: 2 }),
    {
      outcomes: { order: TAKEN, cart: TAKEN },
      found: [
        'products in the order service are those of the product service',
        'products in the cart service are those of the product service',
        'the order service has the newest prices',
        'the cart service has the newest prices',
      ],
    },
  ),
  forgery(
    productChanged,
    'of a product that does not exist',
    (victims) => ({ ...firstVersion(victims), productId: `never-${randomUUID()}` }),
    {
      outcomes: { order: TAKEN, cart: TAKEN },
      found: [
        'products in the order service are those of the product service',
        'products in the cart service are those of the product service',
      ],
    },
  ),
];

const OF_PHOTOS_AND_USERS: readonly Forgery[] = [
  forgery(productImagesProcessed, 'of a future time', ({ product }) => photoOf(product().productId), {
    afterMs: DAY_MS,
    outcomes: { product: 'photo-of-the-future', analytics: 'future-time' },
  }),
  forgery(
    productImagesProcessed,
    'of the upload for another product',
    ({ product }) => ({ ...photoOf('another'), productId: product().productId }),
    {
      afterMs: -PHOTO_AGE_MS,
      outcomes: { product: 'photo-of-another-upload', analytics: TAKEN },
    },
  ),
  forgery(productImagesRejected, 'of a future time', () => rejectionOf('another'), {
    afterMs: DAY_MS,
    outcomes: { product: 'photo-of-the-future' },
  }),
  forgery(productImagesRejected, 'of an upload that nobody signed', () => rejectionOf('another'), {
    outcomes: { product: TAKEN },
    harmless: 'no upload in the seller’s list has its key',
  }),
  forgery(
    userChallengeIssued,
    'that nobody issued',
    ({ confirmed }) => ({
      challengeId: `never-${randomUUID()}`,
      userId: confirmed().userId,
      purpose: 'reset-password' as const,
    }),
    {
      outcomes: { notification: TAKEN },
      harmless: 'the user service knows no such token, so no mail is sent',
    },
  ),
  forgery(userRegistered, 'of nobody', () => never(), {
    outcomes: { analytics: TAKEN },
    harmless: 'the count of registrations is one too high',
  }),
  forgery(userRegistered, 'of a future time', () => never(), {
    afterMs: DAY_MS,
    outcomes: { analytics: 'future-time' },
  }),
  forgery(userRegistered, 'of two years ago', () => never(), {
    afterMs: -730 * DAY_MS,
    outcomes: { analytics: 'too-old' },
  }),
];

/** Each once, in a fixed order. */
export const FORGERIES: readonly Forgery[] = [
  ...FORGED_ORDERS,
  ...FORGED_PAYMENTS,
  ...OF_PRODUCTS,
  ...OF_PHOTOS_AND_USERS,
];
