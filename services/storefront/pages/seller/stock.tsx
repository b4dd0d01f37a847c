// The stock of a product: pieces, the form that adds or takes some, and the ledger that explains them.
import type { StockEntry } from '../../bff/seller.ts';
import { Empty, Field, FormFault, OwnTime } from '../parts.tsx';
import { ADJUSTMENT_REASONS } from './limits.ts';
import { ProductPage, pieces, Select } from './parts.tsx';
import type { StockProps } from './props.ts';

const REASONS: ReadonlyMap<StockEntry['reason'], string> = new Map([
  ['delivered', 'Delivered'],
  ['counted', 'Counted again'],
  ['damaged', 'Damaged'],
  ['returned', 'Returned'],
  ['sold', 'Sold'],
]);

export const StockView = (props: StockProps) => (
  <ProductPage frame={props.frame} product={props.product} tab="/stock">
    <dl class="figures">
      <div>
        <dt>On the shelf</dt>
        <dd>{props.stock.onHand}</dd>
      </div>
      <div>
        <dt>Set aside for orders</dt>
        <dd>{props.stock.reserved}</dd>
      </div>
      <div>
        <dt>Can be ordered</dt>
        <dd>{props.stock.available}</dd>
      </div>
    </dl>
    <div class="seller-columns">
      <Adjustment {...props} />
      <Ledger {...props} />
    </div>
  </ProductPage>
);

const Adjustment = ({ product, fields, faults, formKey }: StockProps) => (
  <section aria-labelledby="adjust">
    <h2 id="adjust">Add or take pieces</h2>
    <FormFault faults={faults} />
    <form method="post" action={`/seller/products/${product.productId}/stock`} class="stack">
      <input type="hidden" name="key" value={formKey} />
      <fieldset class="methods">
        <legend>What happens</legend>
        {[
          ['add', 'Add pieces'],
          ['take', 'Take pieces away'],
        ].map(([way, words]) => (
          <label class="method" key={way}>
            <input type="radio" name="way" value={way} checked={fields.way === way} required />
            <span>{words}</span>
          </label>
        ))}
      </fieldset>
      <Field
        name="pieces"
        label="How many"
        kind={{ type: 'text', inputmode: 'numeric' }}
        value={fields.pieces}
        lengthMax={8}
        faults={faults}
      />
      <Select
        name="reason"
        label="Why"
        value={fields.reason}
        options={ADJUSTMENT_REASONS.map((reason) => [reason, REASONS.get(reason)!] as const)}
        empty="Choose a reason"
        faults={faults}
      />
      <p>
        <button class="button">Change the stock</button>
      </p>
    </form>
  </section>
);

const Ledger = ({ entries, nextUrl, frame }: StockProps) => (
  <section aria-labelledby="ledger">
    <h2 id="ledger">Ledger</h2>
    {entries.length === 0 ? (
      <Empty title="No piece has come or gone yet">
        <p>Every change will stand here, with its reason.</p>
      </Empty>
    ) : (
      <ul class="ledger" role="list">
        {entries.map(({ entryId, delta, reason, createdAt }) => (
          <li key={entryId}>
            <span class="delta">{signed(delta)}</span>
            <span>
              {REASONS.get(reason)}
              <span class="visually-hidden">, {pieces(Math.abs(delta))}</span>
            </span>
            <OwnTime at={createdAt} locale={frame.locale} />
          </li>
        ))}
      </ul>
    )}
    {nextUrl && (
      <p class="more">
        <a class="button quiet" href={nextUrl}>
          Earlier entries
        </a>
      </p>
    )}
  </section>
);

/** With a true minus sign. */
const signed = (delta: number): string => (delta < 0 ? `−${-delta}` : `+${delta}`);
