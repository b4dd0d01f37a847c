// Forged events of orders: placed, their stock, and how they ended.
import type { OrderPlaced } from '#contracts/orders.ts';
import {
  orderCancelled,
  orderConfirmed,
  orderPlaced,
  stockRejected,
  stockReserved,
} from '#contracts/shop-topics.ts';
import {
  eur,
  type Forgery,
  forgery,
  never,
  type Outcomes,
  orderRefuses,
  TAKEN,
  type Victims,
} from './forgery.ts';

/** An order of one piece at its true price, except for `over`. */
function placed({ product }: Victims, over: Partial<OrderPlaced> = {}): OrderPlaced {
  const { productId, priceMinor } = product();
  const lines = [{ productId, quantity: 1, unitPriceMinor: priceMinor }];
  return { ...never(), lines, total: eur(priceMinor), ...over };
}

const OF_PLACED: readonly Forgery[] = [
  forgery(orderPlaced, 'that nobody placed', (victims) => placed(victims), {
    outcomes: { product: TAKEN, cart: TAKEN, analytics: TAKEN },
    consequences: [orderRefuses(stockReserved)],
    found: [
      'a reservation has an order, with the same customer and total',
      'a reservation holds the pieces that were ordered',
    ],
  }),
  forgery(
    orderPlaced,
    'of a product that does not exist',
    () => ({
      ...never(),
      lines: [{ productId: 'never', quantity: 1, unitPriceMinor: 1 }],
      total: eur(1),
    }),
    {
      outcomes: { product: TAKEN, cart: TAKEN, analytics: TAKEN },
      consequences: [orderRefuses(stockRejected)],
      found: ['a reservation has an order, with the same customer and total'],
    },
  ),
  forgery(
    orderPlaced,
    'at a price that never was',
    (victims) => {
      const order = placed(victims, { total: eur(0) });
      return { ...order, lines: order.lines.map((line) => ({ ...line, unitPriceMinor: 0 })) };
    },
    { outcomes: { product: 'price-never-was', cart: TAKEN, analytics: TAKEN } },
  ),
  forgery(orderPlaced, 'with another total than its lines', (victims) => placed(victims, { total: eur(1) }), {
    outcomes: {
      product: 'order-total-is-not-its-lines',
      cart: 'order-total-is-not-its-lines',
      analytics: TAKEN,
    },
  }),
  forgery(
    orderPlaced,
    'once more, by another customer',
    ({ confirmed }) => ({ ...confirmed(), userId: never().userId }),
    { outcomes: { product: 'order-contradicts-earlier-one', cart: TAKEN, analytics: TAKEN } },
  ),
];

const OF_STOCK: readonly Forgery[] = [
  forgery(stockReserved, 'of no order', () => never(), { outcomes: { order: 'order-impossible' } }),
  forgery(stockReserved, 'of an order without stock', ({ rejected }) => rejected(), {
    outcomes: { order: 'order-impossible' },
  }),
  forgery(
    stockRejected,
    'of no order',
    () => ({ ...never(), productId: 'never', reason: 'out-of-stock' as const }),
    { outcomes: { order: 'order-impossible' } },
  ),
  forgery(
    stockRejected,
    'of an order that has its stock',
    ({ confirmed }) => {
      const { orderId, lines } = confirmed();
      return { orderId, productId: lines[0]!.productId, reason: 'out-of-stock' as const };
    },
    { outcomes: { order: 'order-impossible' } },
  ),
  forgery(
    stockRejected,
    'for a product that is not in the order',
    ({ confirmed }) => ({ ...confirmed(), productId: 'never', reason: 'unknown-product' as const }),
    { outcomes: { order: 'order-impossible' } },
  ),
];

const BY_CUSTOMER = { reason: 'by-customer' as const };
const contradicted = (reason: string): Outcomes => ({
  product: 'order-contradicts-earlier-one',
  notification: reason,
  analytics: TAKEN,
});

const OF_ENDS: readonly Forgery[] = [
  forgery(orderConfirmed, 'of no order', () => ({ ...never(), paymentId: 'pay_never', total: eur(1) }), {
    outcomes: { product: 'reservation-impossible', notification: TAKEN, analytics: TAKEN },
    found: ['a notification of an order has its customer, status and total'],
  }),
  forgery(orderConfirmed, 'of a cancelled order', ({ rejected }) => rejected(), {
    outcomes: {
      product: 'reservation-impossible',
      notification: 'told-another-end',
      analytics: TAKEN,
    },
  }),
  forgery(orderConfirmed, 'with another total', ({ confirmed }) => ({ ...confirmed(), total: eur(1) }), {
    outcomes: contradicted('told-another-total'),
  }),
  forgery(
    orderConfirmed,
    'of another customer',
    ({ confirmed }) => ({ ...confirmed(), userId: 'somebody' }),
    { outcomes: contradicted('told-another-customer') },
  ),
  forgery(orderCancelled, 'of a confirmed order', ({ confirmed }) => ({ ...confirmed(), ...BY_CUSTOMER }), {
    outcomes: {
      product: 'reservation-impossible',
      payment: TAKEN,
      notification: 'told-another-end',
      analytics: TAKEN,
    },
    found: ['only a cancelled order is cancelled in the product and payment services'],
    givesBack: true,
  }),
  forgery(
    orderCancelled,
    'with another total',
    ({ confirmed }) => ({ ...confirmed(), ...BY_CUSTOMER, total: eur(1) }),
    {
      outcomes: { ...contradicted('told-another-end'), payment: 'cancellation-contradicts-payment' },
    },
  ),
  forgery(orderCancelled, 'of no order', () => ({ ...never(), ...BY_CUSTOMER, total: eur(1) }), {
    outcomes: { product: TAKEN, payment: TAKEN, notification: TAKEN, analytics: TAKEN },
    found: [
      'a reservation has an order, with the same customer and total',
      'only a cancelled order is cancelled in the product and payment services',
      'only a cancelled order is cancelled in the product and payment services',
      'a notification of an order has its customer, status and total',
    ],
  }),
];

export const FORGED_ORDERS: readonly Forgery[] = [...OF_PLACED, ...OF_STOCK, ...OF_ENDS];
