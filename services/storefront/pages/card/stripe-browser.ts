// Stripe's script, as far as the checkout uses it: what it offers (docs.stripe.com/js, looked up on 2026-11-29), and where it is. It must
// come from Stripe at each visit: "always be loaded directly from https://js.stripe.com" (docs.stripe.com/js/including).

/** The release that goes with the API's version in services/payment/stripe.ts; @stripe/stripe-js 10.2.1 loads the same. */
export const STRIPE_JS_URL = 'https://js.stripe.com/endive/stripe.js';

/** `window.Stripe`, once the script has run. */
export type OpenStripe = (publishableKey: string, options: StripeOptions) => StripeJs;

export interface StripeOptions {
  readonly locale: string;
  /** Its assistant would lie over the page wherever the key is a test key. */
  readonly developerTools: { readonly assistant: { readonly enabled: boolean } };
}

export interface StripeJs {
  elements(): { create(name: CardFieldName, options: FieldOptions): CardField };
  /** The other fields of the card are found by the field of its number. */
  createPaymentMethod(data: { readonly type: 'card'; readonly card: CardField }): Promise<CardAnswer>;
}

export type CardFieldName = 'cardNumber' | 'cardExpiry' | 'cardCvc';

/** Colours and type inside of a frame, which knows nothing of the page's style sheets. */
export interface FieldOptions {
  readonly style: Readonly<
    Record<'base' | 'invalid', Readonly<Record<string, string | Readonly<Record<string, string>>>>>
  >;
}

/** A field in a frame of Stripe's. */
export interface CardField {
  mount(container: HTMLElement): void;
  update(options: FieldOptions): void;
  on(event: 'ready', hear: () => void): void;
  on(event: 'change', hear: (change: { readonly error?: CardError | undefined }) => void): void;
}

export interface CardError {
  /** `validation_error` and `card_error` are about what was entered, and their messages are for customers. */
  readonly type: string;
  readonly message?: string;
}

/** One of both. */
export interface CardAnswer {
  readonly paymentMethod?: { readonly id: string };
  readonly error?: CardError;
}
