// The checkout: what is ordered, how it is paid, and the button.
import type { CheckoutForm } from '../bff/checkout-form.ts';
import type { SandboxMethod } from '../bff/sandbox-methods.ts';
import { CardForm } from './card/form.tsx';
import { Document } from './frame.tsx';
import { Amount, Empty, FormFault } from './parts.tsx';
import type { CheckoutLine, CheckoutProps, CheckoutUnsureProps } from './props.ts';

export const Checkout = (props: CheckoutProps) => (
  <Document
    title="Checkout"
    frame={props.frame}
    bundle={props.form && props.payment?.kind === 'card-fields' ? 'card' : undefined}
  >
    <h1>Checkout</h1>
    <FormFault faults={props.faults} />
    {props.lines.length === 0 ? (
      <Empty title="Nothing to order">
        <p>
          Your cart is empty. What you have ordered is among <a href="/orders">your orders</a>.
        </p>
        <p>
          <a class="button" href="/">
            Look around
          </a>
        </p>
      </Empty>
    ) : (
      <div class="cart checkout">
        <section aria-labelledby="what">
          <h2 id="what">What you order</h2>
          <ul class="cart-lines" role="list">
            {props.lines.map((line) => (
              <Line key={line.productId} line={line} locale={props.frame.locale} />
            ))}
          </ul>
          <p class="below-lines">
            <a class="solo" href="/cart">
              Change the cart
            </a>
          </p>
        </section>
        <Payment {...props} />
      </div>
    )}
  </Document>
);

const Line = ({ line, locale }: { line: CheckoutLine; locale: string }) => (
  <li class="order-line">
    <div>
      <p class="cart-name">
        <span class="muted">{line.quantity} × </span>
        {line.name}
      </p>
      {line.priceWhenAdded && (
        <p class="hint">
          Its price has changed: it was <Amount value={line.priceWhenAdded} locale={locale} /> when you added
          it.
        </p>
      )}
      {line.fault && <p class="fault">{line.fault}</p>}
    </div>
    <p class="cart-total">{line.lineTotal && <Amount value={line.lineTotal} locale={locale} />}</p>
  </li>
);

const Payment = ({ frame, form, total, payment, faults }: CheckoutProps) => (
  <section class="panel" aria-label="Payment and total">
    {total && (
      <p class="sum">
        <span>Total</span>
        <strong>
          <Amount value={total} locale={frame.locale} />
        </strong>
      </p>
    )}
    {!form && <p class="fault">This cart cannot be ordered as it is: please change it first.</p>}
    {form && !payment && <p class="hint">This shop cannot take payments yet.</p>}
    {form && payment?.kind === 'test-cards' && (
      <form method="post" action="/checkout" class="stack">
        <HiddenFields form={form} />
        <Methods methods={payment.methods} fault={faults.method} />
        <button class="button">Place the order</button>
        <p class="hint">Your stock is set aside first; only then the card is charged.</p>
      </form>
    )}
    {form && payment?.kind === 'card-fields' && (
      <CardForm publishableKey={payment.publishableKey} fault={faults.method}>
        <HiddenFields form={form} />
      </CardForm>
    )}
  </section>
);

const HiddenFields = ({ form: { key, lines, currency, total } }: { form: CheckoutForm }) => (
  <>
    {Object.entries({ key, lines, currency, total }).map(([name, value]) => (
      <input key={name} type="hidden" name={name} value={value} />
    ))}
  </>
);

/** Without scripts and without a gap: the rest of the cards opens in place. */
const COMMON_COUNT = 4;

const Methods = ({ methods, fault }: { methods: readonly SandboxMethod[]; fault: string | undefined }) => (
  <fieldset class="methods" aria-describedby={fault ? 'method-fault' : 'method-hint'}>
    <legend>How you pay</legend>
    <p class="hint" id="method-hint">
      Test cards: no money moves here.
    </p>
    {fault && (
      <p class="fault" id="method-fault">
        {fault}
      </p>
    )}
    {methods.slice(0, COMMON_COUNT).map((method, index) => (
      <Method key={method.id} method={method} isChosen={index === 0} />
    ))}
    <details>
      <summary>More test cards</summary>
      {methods.slice(COMMON_COUNT).map((method) => (
        <Method key={method.id} method={method} />
      ))}
    </details>
  </fieldset>
);

const Method = ({ method, isChosen = false }: { method: SandboxMethod; isChosen?: boolean }) => (
  <label class="method">
    <input type="radio" name="method" value={method.id} checked={isChosen} required />
    <span>
      {method.name}
      <span class="hint">{method.what}</span>
    </span>
  </label>
);

/** The answer of the order service got lost. */
export const CheckoutUnsure = ({ frame, form, method }: CheckoutUnsureProps) => (
  <Document title="Is it ordered?" frame={frame}>
    <section class="panel narrow">
      <h1>We do not know yet</h1>
      <p role="alert">
        Your order was sent, but no answer came. It may have arrived. Send it again: it is placed once,
        however often you do.
      </p>
      <form method="post" action="/checkout" class="stack">
        <HiddenFields form={form} />
        <input type="hidden" name="method" value={method} />
        <button class="button wide">Send it again</button>
      </form>
      <p class="below">
        Or look at <a href="/orders">your orders</a>.
      </p>
    </section>
  </Document>
);
