// What the form of the checkout carries: all of an order but the means of payment. A form that is sent again, after a double click,
// a reload or a lost answer, asks for exactly the same order, under the same key.
import { z } from 'zod';
import { currency } from '#contracts/money.ts';
import type { Cart, CartVersion } from './answers.ts';
import { isKey, newKey } from './repeats.ts';

/** Texts of the hidden fields. */
export interface CheckoutForm {
  /** Idempotency key of the order. */
  readonly key: string;
  /** `vase.2~lamp.1` */
  readonly lines: string;
  readonly currency: string;
  /** In minor units, as the customer has seen it. */
  readonly total: string;
}

/** 50 lines are what the order service takes. */
const LINES = /^[A-Za-z0-9_-]{1,64}\.[1-9]\d?(~[A-Za-z0-9_-]{1,64}\.[1-9]\d?){0,49}$/;

const textFields = {
  key: z.string().refine(isKey),
  lines: z.string().max(4_000).regex(LINES),
  currency,
  total: z
    .string()
    .regex(/^\d{1,16}$/)
    .refine((text) => Number.isSafeInteger(Number(text))),
};
const form = z.object({ ...textFields, method: z.string().max(128).catch('') });

/** Undefined for what no page of the shop has sent. */
export const readCheckoutForm = (body: unknown): (CheckoutForm & { readonly method: string }) | undefined =>
  form.safeParse(body).data;

/** The order of a form, as the order service takes it. */
export const wishOf = (sent: CheckoutForm, paymentMethod: string) => ({
  lines: sent.lines.split('~').map((line) => {
    const at = line.lastIndexOf('.');
    return { productId: line.slice(0, at), quantity: Number(line.slice(at + 1)) };
  }),
  currency: sent.currency,
  expectedTotalMinor: Number(sent.total),
  paymentMethod,
});

/** The form that orders this cart; undefined where it cannot be ordered as it is. */
export function checkoutFormOf({ lines, totals, isOrderable }: Cart, key: string): CheckoutForm | undefined {
  const [total] = totals;
  if (!isOrderable || !total) return undefined;
  return {
    key,
    lines: lines.map(({ productId, quantity }) => `${productId}.${quantity}`).join('~'),
    currency: total.currency,
    total: String(total.amountMinor),
  };
}

/**
 * The key of a version of a cart: the cookie's while the cart has not changed, so that a reload, another tab or a step back
 * cannot order the same cart twice; a new one for every other version.
 * @returns what the cookie must hold from now on
 */
export function keyFor(
  cookie: string | undefined,
  { version }: CartVersion,
): { key: string; cookie: string } {
  const [known = '', ofVersion] = (cookie ?? '').split('.');
  const key = isKey(known) && ofVersion === version ? known : newKey();
  return { key, cookie: `${key}.${version}` };
}
