// The form for real cards. Its three fields are frames of Stripe's, put there by browser.ts: our page, our script and our server
// see the id of a means of payment, and nothing of the card.
import type { ComponentChildren } from 'preact';
import type { CardFieldName } from './stripe-browser.ts';

interface CardFormProps {
  readonly publishableKey: string;
  readonly fault: string | undefined;
  /** The hidden fields of the order. */
  readonly children: ComponentChildren;
}

export const CardForm = ({ publishableKey, fault, children }: CardFormProps) => (
  <form method="post" action="/checkout" class="stack card-form" data-publishable-key={publishableKey}>
    {children}
    {/* Browsers must not fill in the card of an earlier visit when the page is loaded again. */}
    <input type="hidden" name="method" autocomplete="off" />
    <fieldset class="methods" aria-describedby="card-hint">
      <legend>Your card</legend>
      <p class="hint" id="card-hint">
        What you enter goes straight to Stripe, which makes our payments. This shop never sees the number of
        your card.
      </p>
      <noscript>
        <p class="fault">
          Cards can be entered only where scripts may run. Please allow them for this page and load it again.
          Nothing is ordered yet.
        </p>
      </noscript>
      <CardField name="cardNumber" label="Card number" />
      <div class="card-pair">
        <CardField name="cardExpiry" label="Expiry date" />
        <CardField name="cardCvc" label="Security code" />
      </div>
      <p class="hint" role="status" data-card-state>
        The fields for your card are loading.
      </p>
      <p class="fault" role="alert" data-card-fault>
        {fault}
      </p>
      <p data-card-lost hidden>
        <a class="button quiet" href="/checkout">
          Load the fields again
        </a>
      </p>
    </fieldset>
    <button class="button" disabled>
      Place the order
    </button>
    <p class="hint">Your stock is set aside first; only then the card is charged.</p>
    <p class="hint">
      If your bank asks you to confirm a payment (3-D Secure), it cannot be made here yet: then the card is
      not charged and the order is cancelled, and you can order again with another card.
    </p>
  </form>
);

const CardField = ({ name, label }: { name: CardFieldName; label: string }) => (
  <div class="field">
    {/* Stripe's script moves the focus into its frame when this label is pressed. */}
    <label for={name}>{label}</label>
    <div class="card-field" id={name} data-card-field={name} />
    <p class="fault" aria-live="polite" data-fault-of={name} />
  </div>
);
