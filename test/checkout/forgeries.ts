// All forgeries: those of products, photos and users, and those of orders and payments.
import { randomUUID } from 'node:crypto';
import { productChanged, userChallengeIssued, userRegistered } from '#contracts/shop-topics.ts';
import { productImagesProcessed, productImagesRejected } from '#contracts/topics.ts';
import { FORGED_ORDERS } from './forged-orders.ts';
import { FORGED_PAYMENTS } from './forged-payments.ts';
import { type Expected, eur, type Forgery, forgery, never, TAKEN, type Victims } from './forgery.ts';
import { PHOTO_AGE_MS, photoOf, rejectionOf } from './photos.ts';

const DAY_MS = 86_400_000;

const told = ({ product }: Victims) => {
  const { productId, priceMinor } = product();
  return { productId, name: 'Lamp', price: eur(priceMinor), isActive: true, version: 1 };
};
const byBoth = (reason: string): Expected => ({ outcomes: { order: reason, cart: reason } });

const OF_PRODUCTS: readonly Forgery[] = [
  forgery(
    productChanged,
    'beyond all versions',
    (victims) => ({ ...told(victims), price: eur(0), version: Number.MAX_SAFE_INTEGER }),
    byBoth('product-version-jumps'),
  ),
  forgery(
    productChanged,
    'at a price without an exact total',
    (victims) => ({ ...told(victims), price: eur(Number.MAX_SAFE_INTEGER), version: 2 }),
    byBoth('product-price-too-large'),
  ),
  forgery(
    productChanged,
    'of the known version, and free',
    (victims) => ({ ...told(victims), price: eur(0) }),
    byBoth('product-version-contradicts'),
  ),
  forgery(
    productChanged,
    'one version ahead, and free',
    (victims) => ({ ...told(victims), price: eur(0), version: 2 }),
    {
      outcomes: { order: TAKEN, cart: TAKEN },
      found: [
        'what order knows of products is what the product service told',
        'what cart knows of products is what the product service told',
        'order knows the newest prices',
        'cart knows the newest prices',
      ],
    },
  ),
  forgery(
    productChanged,
    'of a product that there is not',
    (victims) => ({ ...told(victims), productId: `never-${randomUUID()}` }),
    {
      outcomes: { order: TAKEN, cart: TAKEN },
      found: [
        'what order knows of products is what the product service told',
        'what cart knows of products is what the product service told',
      ],
    },
  ),
];

const OF_PHOTOS_AND_USERS: readonly Forgery[] = [
  forgery(productImagesProcessed, 'of a time to come', ({ product }) => photoOf(product().productId), {
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
  forgery(productImagesRejected, 'of a time to come', () => rejectionOf('another'), {
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
    { outcomes: { notification: TAKEN }, harmless: 'the user service knows of no such token: no mail goes' },
  ),
  forgery(userRegistered, 'of nobody', () => never(), {
    outcomes: { analytics: TAKEN },
    harmless: 'it is one more in the count of what was told',
  }),
  forgery(userRegistered, 'of a time to come', () => never(), {
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
