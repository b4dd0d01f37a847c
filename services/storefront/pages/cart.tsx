// The cart, of a customer or of a guest.
import type { Cart } from '../bff/answers.ts';
import { Document } from './frame.tsx';
import { Amount, Empty } from './parts.tsx';
import type { CartProps } from './props.ts';

export const CartView = ({ frame, cart }: CartProps) => (
  <Document title="Cart" frame={frame}>
    <h1>Your cart</h1>
    {cart.lines.length === 0 ? (
      <Empty title="Nothing in it yet">
        <p>
          <a class="button" href="/">
            Look around
          </a>
        </p>
      </Empty>
    ) : (
      <div class="cart">
        <ul class="cart-lines" role="list">
          {cart.lines.map((line) => (
            <Line key={line.productId} line={line} locale={frame.locale} />
          ))}
        </ul>
        <Summary cart={cart} frame={frame} />
      </div>
    )}
  </Document>
);

function Line({ line, locale }: { line: Cart['lines'][number]; locale: string }) {
  const id = `quantity-${line.productId}`;
  return (
    <li class="cart-line">
      <div>
        <a class="cart-name" href={`/products/${line.productId}`}>
          {line.name}
        </a>
        <p class="muted">
          <Amount value={line.unitPrice} locale={locale} /> each
        </p>
        {!line.isAvailable && <p class="fault">No longer sold: please take it out.</p>}
        {line.priceChangedSince && (
          <p class="hint">
            It was <Amount value={line.priceChangedSince} locale={locale} /> when you added it.
          </p>
        )}
      </div>
      <form method="post" action="/cart/lines/set" class="line-form">
        <input type="hidden" name="productId" value={line.productId} />
        <label class="visually-hidden" for={id}>
          Quantity of {line.name}
        </label>
        <input id={id} name="quantity" type="number" min={0} max={99} value={line.quantity} required />
        <button class="button quiet">Update</button>
      </form>
      <form method="post" action="/cart/lines/set">
        <input type="hidden" name="productId" value={line.productId} />
        <input type="hidden" name="quantity" value="0" />
        <button class="link">
          Remove<span class="visually-hidden"> {line.name}</span>
        </button>
      </form>
      <p class="cart-total">{line.lineTotal && <Amount value={line.lineTotal} locale={locale} />}</p>
    </li>
  );
}

const Summary = ({ cart, frame }: CartProps) => (
  <aside class="panel" aria-label="Summary">
    {cart.totals.map((total) => (
      <p class="sum" key={total.currency}>
        <span>Total</span>
        <strong>
          <Amount value={total} locale={frame.locale} />
        </strong>
      </p>
    ))}
    {!cart.isOrderable && <p class="hint">Not everything here can be ordered together.</p>}
    {!frame.isSignedIn && (
      <p>
        <a class="button" href="/account/sign-in?next=checkout">
          Sign in to order
        </a>
      </p>
    )}
    {frame.isSignedIn && cart.isOrderable && (
      <p>
        <a class="button" href="/checkout">
          Check out
        </a>
      </p>
    )}
    <p class="hint">Prices are those of now; stock is set aside when you order.</p>
  </aside>
);
