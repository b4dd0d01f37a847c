// How people pay at the checkout: by the sandbox's test cards, where no money moves, or by a card that they hand to Stripe in the
// browser. In both cases our form carries the id of a means of payment, and nothing of a card.
import { AppError } from '#runtime/errors.ts';
import type { StorefrontConfig } from '../config.ts';
import { SANDBOX_METHODS, type SandboxMethod } from './sandbox-methods.ts';

export interface TestCards {
  readonly kind: 'test-cards';
  readonly methods: readonly SandboxMethod[];
}

export interface CardFields {
  readonly kind: 'card-fields';
  /** Stripe's `pk_…`; no secret. */
  readonly publishableKey: string;
}

export type PaymentForm = TestCards | CardFields;

/**
 * What the settings ask for; undefined where the checkout takes no order.
 * @throws AppError `config-invalid` where Stripe's form lacks its key
 */
export function paymentFormOf({
  PAYMENT_FORM,
  STRIPE_PUBLISHABLE_KEY: publishableKey,
}: Pick<StorefrontConfig, 'PAYMENT_FORM' | 'STRIPE_PUBLISHABLE_KEY'>): PaymentForm | undefined {
  if (PAYMENT_FORM === undefined) return undefined;
  if (PAYMENT_FORM === 'sandbox') return { kind: 'test-cards', methods: SANDBOX_METHODS };
  if (publishableKey === undefined)
    throw new AppError('config-invalid', 'PAYMENT_FORM=stripe needs STRIPE_PUBLISHABLE_KEY');
  return { kind: 'card-fields', publishableKey };
}

/** Of a PaymentMethod, as long as the order service takes; the names of test cards are shorter. */
const PAYMENT_METHOD_ID = /^pm_[A-Za-z0-9]{16,125}$/;

/** Why an order cannot be paid by this means of payment, in words for its customer. */
export function methodFault(form: PaymentForm | undefined, method: string): string | undefined {
  switch (form?.kind) {
    case 'test-cards':
      return form.methods.some(({ id }) => id === method) ? undefined : 'Please choose how to pay.';
    case 'card-fields':
      return PAYMENT_METHOD_ID.test(method) ? undefined : 'Please enter your card.';
    default:
      return 'This shop cannot take payments yet.';
  }
}

const STRIPE_SCRIPTS = ['https://js.stripe.com', 'https://*.js.stripe.com'];

/**
 * What the page of Stripe's form may load: docs.stripe.com/security/guide, "Content security policy", as others quote it on 2026-11-29.
 * Its map origin is for the form of addresses alone.
 */
export const STRIPE_SOURCES = {
  scripts: STRIPE_SCRIPTS,
  frames: [...STRIPE_SCRIPTS, 'https://hooks.stripe.com'],
  connections: ['https://api.stripe.com'],
} as const;
